import { invalidArgument, type Servable, tensor } from "salver";
import { describeServable, type ServableHarness } from "salver/testing";
import { describe, expect, test } from "vitest";
import { broken, runKit } from "./collect.js";

const floats = (...values: number[]) => tensor("float32", [values.length], new Float32Array(values));
const spec = { dtype: "float32", shape: [-1] } as const;

/** x -> double and half of it. */
function twice(overrides: Partial<Servable> = {}): Servable {
  return {
    signatures: { serving_default: { inputs: { x: spec }, outputs: { double: spec, half: spec } } },
    async run({ inputs, outputs }) {
      const { x } = inputs;
      if (x?.dtype !== "float32" || x.shape.length !== 1) throw invalidArgument("x is a float32 vector");
      const all = { double: floats(...x.data.map((v) => v * 2)), half: floats(...x.data.map((v) => v / 2)) };
      return Object.fromEntries(Object.entries(all).filter(([name]) => outputs?.includes(name) ?? true));
    },
    [Symbol.asyncDispose]: async () => {},
    ...overrides,
  };
}

const harness = (open: () => Servable): ServableHarness => ({
  open: async () => open(),
  cases: [
    {
      signature: "serving_default",
      inputs: { x: floats(1, 2) },
      outputs: { double: floats(2, 4), half: floats(0.5, 1) },
    },
    { signature: "serving_default", inputs: { x: floats() } },
  ],
  wrong: [{ signature: "serving_default", inputs: { x: tensor("float32", [1, 1], new Float32Array(1)) } }],
});

describeServable({ describe, test }, "twice", harness(twice));

const lawful = twice();
const memory = new Float32Array(2);
test.each<[string, Partial<Servable>, RegExp]>([
  ["has no signature", { signatures: {} }, /well formed/],
  [
    "declares a wrong shape",
    {
      signatures: {
        serving_default: { inputs: { x: { dtype: "float32", shape: [-2] } }, outputs: { double: spec, half: spec } },
      },
    },
    /well formed/,
  ],
  ["answers something else", { run: async () => ({ double: floats(9), half: floats(9) }) }, /answers with/],
  ["forgets an output", { run: async () => ({ double: floats(9) }) }, /answers with/],
  [
    "knows only all outputs together",
    { run: async (call) => (call.outputs ? {} : lawful.run(call)) },
    /asked for alone/,
  ],
  [
    "answers out of the same memory each time",
    {
      run: async (call) => {
        const all = await lawful.run(call);
        if (call.inputs.x?.data.length !== 2) memory.fill(0);
        else memory.set((all.double ?? all.half)?.data as Float32Array);
        return all.double
          ? {
              ...all,
              double: tensor("float32", call.inputs.x?.shape ?? [], memory.subarray(0, call.inputs.x?.data.length)),
            }
          : all;
      },
    },
    /earlier answers/,
  ],
  [
    "changes its inputs",
    {
      run: async (call) => {
        const answer = await lawful.run(call);
        (Object(call.inputs.x).data as Float32Array).fill(7);
        return answer;
      },
    },
    /change no input/,
  ],
  [
    "throws what is no ServingError",
    {
      run: async (call) => {
        if (call.inputs.x?.shape.length !== 1) throw new TypeError("oops");
        return lawful.run(call);
      },
    },
    /INVALID_ARGUMENT/,
  ],
])("a servable that %s is found out", async (_, flaw, law) => {
  const outcomes = await runKit((runner) =>
    describeServable(
      runner,
      "broken",
      harness(() => twice(flaw)),
    ),
  );
  expect(broken(outcomes).join("\n")).toMatch(law);
});
