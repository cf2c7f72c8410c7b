import { hint, type Problem } from "../../../core/index.js";
import { isReserved, mentionsIn, needsOf, refOf, wantedOf } from "./graph.js";
import type { PipelineOptions } from "./options.js";

/** What can be seen of a pipeline's mistakes without its models. */
export function check(options: PipelineOptions): readonly Problem[] {
  const { steps, outputs, inputs } = options;
  const names = Object.keys(steps);
  if (names.length === 0) return [{ option: "steps", message: "a pipeline has at least one step" }];
  if (Object.keys(outputs).length === 0) return [{ option: "outputs", message: "a pipeline has at least one output" }];

  const refs = mentionsIn(options);
  const unknown = refs.flatMap(([{ step, name }, option]): Problem[] => {
    if (step !== undefined && !Object.hasOwn(steps, step)) {
      return [{ option, message: `there is no step "${step}"${hint(step, [...names, "request"])}` }];
    }
    if (step === undefined && inputs && !Object.hasOwn(inputs, name)) {
      return [{ option, message: `the pipeline's "inputs" have no "${name}"${hint(name, Object.keys(inputs))}` }];
    }
    return [];
  });
  if (unknown.length > 0) return unknown;

  const asked = new Set(refs.flatMap(([{ step, name }]) => (step === undefined ? [name] : [])));
  const idle = Object.keys(inputs ?? {}).filter((name) => !asked.has(name));
  return [
    ...names.flatMap((name) => checkStep(name, options)),
    ...idle.map((name) => ({ option: ["inputs", name], message: "no step and no output uses it" })),
    ...(cycleIn(options) ?? unusedIn(options)),
  ];
}

function checkStep(name: string, options: PipelineOptions): readonly Problem[] {
  const { version, label, default: fallback } = options.steps[name] ?? {};
  const problems: Problem[] = [];
  const at = ["steps", name];
  if (isReserved(name))
    problems.push({ option: at, message: `no step can be called "${name}": it stands for the request` });
  if (version !== undefined && label !== undefined) {
    problems.push({ option: [...at, "label"], message: 'give either "version" or "label", not both' });
  }
  const used = wantedOf(options).get(name) ?? [];
  for (const output of fallback ? used : []) {
    if (fallback && Object.hasOwn(fallback, output)) continue;
    problems.push({ option: [...at, "default"], message: `it has no "${output}", which is used of the step` });
  }
  for (const output of Object.keys(fallback ?? {})) {
    if (used.includes(output)) continue;
    problems.push({
      option: [...at, "default", output],
      message: `nothing uses this output of the step${hint(output, used)}`,
    });
  }
  return problems;
}

/** The first way on which a step needs itself. */
function cycleIn({ steps }: PipelineOptions): readonly Problem[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): Problem | undefined => {
    const start = way.indexOf(name);
    if (start >= 0) {
      const text = [...way.slice(start), name].join(" -> ");
      return { option: ["steps", name], message: `the step needs its own answer: ${text}` };
    }
    if (done.has(name)) return undefined;
    done.add(name);
    for (const [{ step }] of steps[name] ? needsOf(steps[name]) : []) {
      const found = step === undefined ? undefined : visit(step, [...way, name]);
      if (found) return found;
    }
    return undefined;
  };
  for (const name of Object.keys(steps)) {
    const found = visit(name, []);
    if (found) return [found];
  }
  return undefined;
}

function unusedIn({ steps, outputs }: PipelineOptions): readonly Problem[] {
  const used = new Set<string>();
  const visit = (name: string | undefined) => {
    if (name === undefined || used.has(name)) return;
    used.add(name);
    for (const [{ step }] of steps[name] ? needsOf(steps[name]) : []) visit(step);
  };
  for (const from of Object.values(outputs)) visit(refOf(from).step);
  return Object.keys(steps)
    .filter((name) => !used.has(name))
    .map((name) => ({ option: ["steps", name], message: "no output of the pipeline needs this step" }));
}
