import { type ConfigPath, type ConfigProblem, hint } from "../../../../core/index.js";
import type { Spec, Step } from "./spec.js";

type Origin = { readonly step?: Step; readonly what: string };

const pathOf = (step: Step, key: "from" | "to", place: number): ConfigPath =>
  step[key].length === 1 ? ["steps", step.index, key] : ["steps", step.index, key, place];

/** Where each name comes from; a name that comes twice is a problem. */
function originsOf({ inputs, steps }: Spec, problems: ConfigProblem[]): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>([...inputs.keys()].map((name) => [name, { what: "an input" }]));
  for (const step of steps) {
    for (const [place, name] of step.to.entries()) {
      const before = origins.get(name);
      if (before)
        problems.push({ path: pathOf(step, "to", place), message: `"${name}" is the name of ${before.what} already` });
      else origins.set(name, { step, what: `what steps[${step.index}] gives` });
    }
  }
  return origins;
}

/** Names that lead from one back to itself. */
function cycleFrom(name: string, origins: ReadonlyMap<string, Origin>, left: ReadonlySet<Step>): readonly string[] {
  const path: string[] = [];
  for (let at = name; !path.includes(at); ) {
    path.push(at);
    at = origins.get(at)!.step!.from.find((each) => left.has(origins.get(each)?.step as Step))!;
  }
  return path;
}

/** Steps behind what they take, else as the file has them; what goes round is left. */
function sort(spec: Spec, origins: ReadonlyMap<string, Origin>) {
  const left = new Set(spec.steps);
  const sorted: Step[] = [];
  const ready = (step: Step) => step.from.every((name) => !left.has(origins.get(name)?.step as Step));
  for (let next: Step | undefined; ; ) {
    next = [...left].find(ready);
    if (!next) return { sorted, left };
    left.delete(next);
    sorted.push(next);
  }
}

function unknownNames(spec: Spec, origins: ReadonlyMap<string, Origin>): ConfigProblem[] {
  const known = [...origins.keys()];
  const unknown = (name: string, path: ConfigPath) =>
    origins.has(name) ? [] : [{ path, message: `there is no column "${name}"${hint(name, known)}` }];
  return [
    ...spec.steps.flatMap((step) => step.from.flatMap((name, place) => unknown(name, pathOf(step, "from", place)))),
    ...spec.outputs.flatMap((name, place) => unknown(name, ["outputs", place])),
  ];
}

function unusedNames(spec: Spec, used: ReadonlySet<string>): ConfigProblem[] {
  const inputs = [...spec.inputs.keys()].filter((name) => !used.has(name));
  const results = spec.steps.flatMap((step) =>
    step.to.every((name) => !used.has(name)) ? [{ name: step.to[0]!, path: pathOf(step, "to", 0) }] : [],
  );
  return [
    ...inputs.map((name) => ({
      path: ["inputs", name],
      message: "nothing uses it: name it in a step or in outputs",
      atKey: true,
    })),
    ...results.map(({ name, path }) => ({
      path,
      message: `nothing uses "${name}": name it in another step or in outputs`,
    })),
  ];
}

function repeated(spec: Spec): ConfigProblem[] {
  return spec.outputs.flatMap((name, place) =>
    spec.outputs.indexOf(name) < place ? [{ path: ["outputs", place], message: `"${name}" is an output already` }] : [],
  );
}

/**
 * The steps in an order in which they can run.
 * @throws ConfigError for names that come twice, lead nowhere, are not used, or go round
 */
export function orderSteps(spec: Spec): readonly Step[] {
  const problems: ConfigProblem[] = [];
  const origins = originsOf(spec, problems);
  problems.push(...unknownNames(spec, origins), ...repeated(spec));
  const { sorted, left } = sort(spec, origins);
  const [first] = left;
  if (first) {
    const cycle = cycleFrom(first.to[0]!, origins, left);
    const way = [...cycle, cycle[0]].map((name) => `"${name}"`).join(" from ");
    problems.push({ path: pathOf(first, "from", 0), message: `the steps go round: ${way}` });
  }
  const used = new Set([...spec.outputs, ...spec.steps.flatMap((step) => step.from)]);
  problems.push(...unusedNames(spec, used));
  if (problems.length > 0) throw spec.error(problems);
  return sorted;
}
