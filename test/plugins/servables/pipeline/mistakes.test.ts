import { expect, test } from "vitest";
import { prepare, type Step, stageOf, stepsPlugin } from "./stage.js";

const float = { dtype: "float32", shape: [-1] } as const;
const step: Step = {
  type: "step",
  signatures: {
    0: { inputs: { x: float, flag: { dtype: "bool", shape: [], optional: true } }, outputs: { y: float } },
    2: { inputs: { x: { dtype: "float32", shape: [-1, 3] } }, outputs: { y: { dtype: "float32", shape: [-1, 2] } } },
    3: { inputs: { x: float }, outputs: { y: { dtype: "int64", shape: [-1] } } },
  },
  run: ({ x }) => ({ y: x! }),
};
const plugins = [stepsPlugin(step)];

const base = `models:
  a: { source: scripted, servable: step, labels: { stable: 1 } }
  wide: { source: { type: scripted, start: [2] }, servable: step }
  whole: { source: { type: scripted, start: [3] }, servable: step }
  g1: { source: scripted, servable: step, group: g, versions: all }
  g2: { source: scripted, servable: step, group: g, versions: all }
  p:
    servable:
      type: pipeline
      steps:
        one: { model: a, inputs: { x: request.x } }
        two: { model: a, inputs: { x: one.y } }
      outputs: { y: two.y }
`;

const p = (text: string) => base.replace(/ {2}p:[\s\S]*$/, text);

const said = async (text: string) =>
  (
    await prepare(text, plugins).then(
      () => new Error("the config was accepted"),
      (error: Error) => error,
    )
  ).message;

test("the config that the mistakes are made in is right", async () => {
  const { status } = await stageOf(base, plugins);
  expect(status("p")).toEqual(["1 AVAILABLE OK"]);
});

const at = "models.p.servable";

test.each([
  [
    "an unknown model",
    base.replace("two: { model: a", "two: { model: b"),
    `12:23 ${at}.steps.two.model: no model is called "b" (did you mean "a"?)`,
  ],
  [
    "an unknown label",
    base.replace("two: { model: a", "two: { model: a, label: stabel"),
    `12:33 ${at}.steps.two.label: the model a has no label "stabel" (did you mean "stable"?)`,
  ],
  [
    "an unknown step",
    base.replace("one.y", "onee.y"),
    `12:39 ${at}.steps.two.inputs.x: there is no step "onee" (did you mean "one"?)`,
  ],
  [
    "an unknown step of an output",
    base.replace("{ y: two.y }", "{ y: too.y }"),
    `13:21 ${at}.outputs.y: there is no step "too" (did you mean "two"?)`,
  ],
  [
    "no tensor at all",
    base.replace("request.x", "request"),
    `11:39 ${at}.steps.one.inputs.x: expected request.<input> or <step>.<output>, got "request"`,
  ],
  [
    "a step that needs itself",
    base.replace("request.x", "two.y"),
    `11:14 ${at}.steps.one: the step needs its own answer: one -> two -> one`,
  ],
  [
    "a step that nothing needs",
    base.replace("{ y: two.y }", "{ y: one.y }"),
    `12:14 ${at}.steps.two: no output of the pipeline needs this step`,
  ],
  [
    "a step of a name that stands for the request",
    base.replaceAll("one", "request").replace("x: request.y", "x: request.x").replace("two.y", "request.y"),
    /steps\.request: no step can be called "request"/,
  ],
  [
    "an unknown key of a step",
    base.replace("two: { model: a", "two: { modle: a"),
    /12:16 models\.p\.servable\.steps\.two\.modle: unknown key \(did you mean "model"\?\)/,
  ],
  [
    "a version and a label",
    base.replace("two: { model: a", "two: { model: a, version: 1, label: stable"),
    `12:45 ${at}.steps.two.label: give either "version" or "label", not both`,
  ],
  [
    "an output without a default",
    base.replace("two: { model: a", "two: { model: a, default: {}"),
    `12:35 ${at}.steps.two.default: it has no "y", which is used of the step`,
  ],
  [
    "a default that nothing uses",
    base.replace("two: { model: a", "two: { model: a, default: { y: { constant: 1 }, z: { constant: 1 } }"),
    /steps\.two\.default\.z: nothing uses this output of the step/,
  ],
  [
    "an undeclared input",
    base.replace("      outputs", "      inputs: { z: { dtype: bool } }\n      outputs"),
    /steps\.one\.inputs\.x: the pipeline's "inputs" have no "x"/,
  ],
  [
    "no steps",
    p("  p: { servable: { type: pipeline, steps: {}, outputs: {} } }\n"),
    `7:43 ${at}.steps: a pipeline has at least one step`,
  ],
  [
    "a path",
    base.replace("  p:\n", "  p:\n    path: ./x\n"),
    '8:5 models.p.path: a pipeline takes no "path": it has no files: all of it is in the config',
  ],
  [
    "batching",
    base.replace("  p:\n", "  p:\n    batching: {}\n"),
    /8:5 models\.p\.batching: a pipeline takes no "batching": requests are grouped for the models that it calls/,
  ],
  [
    "versions of a group that do not go together",
    base.replace("one: { model: a", "one: { model: g1, version: 1").replace("two: { model: a", "two: { model: g2"),
    `12:9 ${at}.steps.two: asks for the latest version of g2, and for version 1 of g1: models of the group "g" go together`,
  ],
  [
    "a model that calls itself",
    base.replace("two: { model: a", "two: { model: p"),
    `12:23 ${at}.steps.two.model: the model calls itself: p -> p`,
  ],
  [
    "a group of one",
    base.replace(
      "g2: { source: scripted, servable: step, group: g,",
      "g2: { source: scripted, servable: step, group: h,",
    ),
    /5:50 models\.g1\.group: the group "g" has no other model[\s\S]*6:50 models\.g2\.group: the group "h" has no other/,
  ],
  [
    "a group of different labels",
    base.replace("group: g, versions: all }\n  p", "group: g, versions: all, labels: { x: 1 } }\n  p"),
    '6:76 models.g2.labels: differs from that of g1: models of the group "g" have the same labels',
  ],
  [
    "a group of different versions",
    base.replace("group: g, versions: all }\n  p", "group: g }\n  p"),
    /models\.g2\.versions: differs from that of g1: models of the group "g" have the same versions/,
  ],
  [
    "a group of different policies",
    base.replace("group: g, versions: all }\n  p", "group: g, versions: all, policy: resource-preserving }\n  p"),
    /models\.g2\.policy: differs from that of g1/,
  ],
])("%s is refused with its place", async (_name, text, expected) => {
  const message = (await said(text)).replaceAll("salver.config.yaml:", "");
  if (typeof expected === "string") expect(message).toBe(expected);
  else expect(message).toMatch(expected);
});

test.each([
  [
    "a signature that there is not",
    base.replace("two: { model: a", "two: { model: a, signature: predict"),
    `12:9 ${at}.steps.two: a 1 has no signature "predict" (known: serving_default)`,
  ],
  [
    "an input that there is not",
    base.replace("two: { model: a, inputs: { x:", "two: { model: a, inputs: { z:"),
    `12:36 ${at}.steps.two.inputs.z: a 1 has no input "z" (did you mean "x"?)`,
  ],
  [
    "an output that there is not",
    base.replace("{ y: two.y }", "{ y: two.z }"),
    `13:18 ${at}.outputs.y: a 1 has no output "z" (did you mean "y"?)`,
  ],
  [
    "an input that nothing goes into",
    base
      .replace("two: { model: a, inputs: { x: one.y }", "two: { model: a, inputs: { flag: { constant: true } }")
      .replace("outputs: { y: two.y }", "outputs: { y: two.y, z: one.y }"),
    `12:26 ${at}.steps.two.inputs: nothing goes into the input "x" of a 1`,
  ],
  [
    "a type that does not fit",
    base.replace("two: { model: a, inputs: { x: one.y }", "two: { model: a, inputs: { x: one.y, flag: one.y }"),
    `12:46 ${at}.steps.two.inputs.flag: it is float32 [-1], and the input "flag" of a 1 is bool []`,
  ],
  [
    "a shape that does not fit",
    base.replace("two: { model: a", "two: { model: wide"),
    `12:39 ${at}.steps.two.inputs.x: it is float32 [-1], and the input "x" of wide 2 is float32 [-1,3]`,
  ],
  [
    "two uses of an input that exclude each other",
    base
      .replace("two: { model: a, inputs: { x: one.y }", "two: { model: wide, inputs: { x: request.x }")
      .replace("outputs: { y: two.y }", "outputs: { y: two.y, z: one.y }"),
    `12:39 ${at}.steps.two.inputs.x: the input "x" of a 1 is float32 [-1], and the input "x" of wide 2 is float32 [-1,3]`,
  ],
  [
    "a constant of another type",
    base.replace("inputs: { x: one.y }", 'inputs: { x: one.y, flag: { constant: "yes" } }'),
    `12:46 ${at}.steps.two.inputs.flag: "yes" is no bool`,
  ],
  [
    "a constant of another shape",
    base
      .replace("inputs: { x: one.y }", "inputs: { x: { constant: [[1]] } }")
      .replace("outputs: { y: two.y }", "outputs: { y: two.y, z: one.y }"),
    `12:36 ${at}.steps.two.inputs.x: the constant is float32 [1,1], and the input is float32 [-1]`,
  ],
  [
    "a ragged constant",
    base
      .replace("inputs: { x: one.y }", "inputs: { x: { constant: [[1, 2], [3]] } }")
      .replace("outputs: { y: two.y }", "outputs: { y: two.y, z: one.y }"),
    /its lists differ in length or depth/,
  ],
  [
    "a default of another shape than its use",
    base.replace("one: { model: a", "one: { model: a, default: { y: { constant: 1 } }"),
    `11:37 ${at}.steps.one.default.y: the default is float32 [], and the input "x" of a 1 is float32 [-1]`,
  ],
  [
    "an input that nothing tells the type of",
    base.replace("outputs: { y: two.y }", "outputs: { y: two.y, z: request.z }"),
    /steps: nothing tells the type of request\.z: give it in the pipeline's "inputs"/,
  ],
  [
    "a declared input that does not fit its use",
    base.replace("      outputs", "      inputs: { x: { dtype: int32 } }\n      outputs"),
    /steps\.one\.inputs\.x: the pipeline's input "x" is int32 of any shape, and the input "x" of a 1 is float32 \[-1\]/,
  ],
  [
    "a model of an unfitting answer",
    base.replace("one: { model: a", "one: { model: whole"),
    /two\.inputs\.x: it is int64 \[-1\], and the input "x" of a 1 is float32 \[-1\]/,
  ],
])("%s shows in the status, with its place", async (_name, text, expected) => {
  const { server } = await stageOf(text, plugins);
  const [status] = server.frontend.status({ name: "p" });
  expect(status).toMatchObject({ version: 1n, state: "LOADING", code: "FAILED_PRECONDITION" });
  const message = (status?.message ?? "").replaceAll("salver.config.yaml:", "");
  if (typeof expected === "string") expect(message).toBe(expected);
  else expect(message).toMatch(expected);
  expect(server.frontend.readiness().ready).toBe(true);
  expect(() => server.frontend.lease({ name: "p" })).toThrow("Servable not found for request: Latest(p)");
});
