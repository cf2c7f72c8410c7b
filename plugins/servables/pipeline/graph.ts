import type { PipelineOptions, StepOptions } from "./options.js";

/** A tensor of the request, or of a step's answer. */
export type Ref = { readonly step: string | undefined; readonly name: string };

const REQUEST = "request";

/** Reads `request.<input>` and `<step>.<output>`; the name may have dots in it. */
export function refOf(text: string): Ref {
  const dot = text.indexOf(".");
  const step = text.slice(0, dot);
  return { step: step === REQUEST ? undefined : step, name: text.slice(dot + 1) };
}

/** The name that steps cannot have. */
export const isReserved = (step: string) => step === REQUEST;

/** What a step needs, each with the option that says so. */
export function needsOf({
  inputs,
  default: fallback = {},
}: StepOptions): readonly (readonly [Ref, readonly string[]])[] {
  return [
    ...Object.entries(inputs).flatMap(([input, from]) =>
      typeof from === "string" ? [[refOf(from), ["inputs", input]] as const] : [],
    ),
    ...Object.entries(fallback).flatMap(([output, from]) =>
      "rows" in from ? [[refOf(from.rows), ["default", output, "rows"]] as const] : [],
    ),
  ];
}

/** Every mention of a tensor, with the option that makes it. */
export function mentionsIn({ steps, outputs }: PipelineOptions): readonly (readonly [Ref, readonly string[]])[] {
  return [
    ...Object.entries(steps).flatMap(([name, step]) =>
      needsOf(step).map(([ref, at]) => [ref, ["steps", name, ...at]] as const),
    ),
    ...Object.entries(outputs).map(([name, from]) => [refOf(from), ["outputs", name]] as const),
  ];
}

/** The outputs of each step that something needs. */
export function wantedOf(options: PipelineOptions): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map<string, Set<string>>();
  for (const [{ step, name }] of mentionsIn(options)) {
    if (step !== undefined) wanted.set(step, (wanted.get(step) ?? new Set()).add(name));
  }
  return new Map([...wanted].map(([step, names]) => [step, [...names]]));
}

/** The steps, each after those that it needs. They must have no cycle. */
export function inOrder({ steps }: PipelineOptions): readonly string[] {
  const ordered = new Set<string>();
  const visit = (name: string) => {
    const step = steps[name];
    if (!step || ordered.has(name)) return;
    for (const [ref] of needsOf(step)) if (ref.step !== undefined) visit(ref.step);
    ordered.add(name);
  };
  for (const name of Object.keys(steps)) visit(name);
  return [...ordered];
}

/** The inputs of a request: those that are declared, and all that something needs. */
export function requested(options: PipelineOptions): readonly string[] {
  const mentioned = mentionsIn(options).flatMap(([{ step, name }]) => (step === undefined ? [name] : []));
  return [...new Set([...Object.keys(options.inputs ?? {}), ...mentioned])];
}
