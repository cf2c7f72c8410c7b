import { isCollection, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from "yaml";
import { failedPrecondition } from "../../../../core/index.js";
import type { Fitted } from "../ops/op.js";

/** Values for options of the step at `step`. */
export type Filling = { readonly step: number; readonly values: Readonly<Record<string, Fitted>> };

/** Replaces what is from `start` to `end`. */
type Edit = { readonly start: number; readonly end: number; readonly text: string };

const scalar = (value: number | string): string => (typeof value === "number" ? String(value) : JSON.stringify(value));
const written = (value: Fitted): string =>
  typeof value === "object" ? `[${value.map(scalar).join(", ")}]` : scalar(value);

type Ranged = { readonly range?: readonly [number, number, number] | null };
const rangeOf = (node: unknown): readonly [number, number, number] => (node as Ranged).range ?? [0, 0, 0];

const textOf = (node: unknown, text: string): string => {
  const [start, end] = rangeOf(node);
  return text.slice(start, end);
};

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : "");

/** What is on one line or in brackets ends where it ends; lists and maps of lines go on with their line ends. */
const isInline = ({ value }: Pair): boolean => !isCollection(value) || value.flow === true;

/** Adds keys behind those that a step has, in the manner it is written in. */
function addition(map: YAMLMap, text: string, lines: readonly string[]): Edit {
  if (map.flow) {
    const [, at] = rangeOf(map.items.at(-1)!.value);
    return { start: at, end: at, text: lines.map((line) => `, ${line}`).join("") };
  }
  // The value of op is always one word on its line.
  const last = map.items.findLast((pair) => isInline(pair) && !textOf(pair.value, text).includes("\n"))!;
  const [start] = rangeOf(last.key);
  const found = text.indexOf("\n", rangeOf(last.value)[1]);
  const at = found < 0 ? text.length : found;
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  return { start: at, end: at, text: lines.map((line) => `\n${indent}${line}`).join("") };
}

function editsOf(map: YAMLMap, text: string, values: Filling["values"]): readonly Edit[] {
  const missing: string[] = [];
  const edits: Edit[] = [];
  for (const [option, value] of Object.entries(values)) {
    const pair = map.items.find((each) => keyOf(each) === option);
    if (!pair) missing.push(`${option}: ${written(value)}`);
    else {
      const [start] = rangeOf(pair.value);
      edits.push({ start, end: start + textOf(pair.value, text).trimEnd().length, text: written(value) });
    }
  }
  return missing.length > 0 ? [...edits, addition(map, text, missing)] : edits;
}

/**
 * A transform file with fitted values in it. Only they are written: order, comments and layout stay as they are.
 * @throws FAILED_PRECONDITION for a step that is an alias of another place
 */
export function fillIn(text: string, fillings: readonly Filling[]): string {
  const steps = parseDocument(text).get("steps");
  const edits = fillings.flatMap(({ step, values }) => {
    const map = isSeq(steps) ? steps.items[step] : undefined;
    if (!isMap(map))
      throw failedPrecondition(`steps[${step}] is an alias: write it out, so that its values have a place`);
    return editsOf(map, text, values);
  });
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((done, { start, end, text: filled }) => done.slice(0, start) + filled + done.slice(end), text);
}
