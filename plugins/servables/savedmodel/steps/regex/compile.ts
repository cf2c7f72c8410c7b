import { type Assertion, type Ranges, type Regex, RegexError } from "./ast.js";
import { utf8Ranges } from "./utf8.js";

/** One instruction of the automaton; the numbers are places in the program. */
export type Instruction =
  | { readonly kind: "byte"; readonly low: number; readonly high: number; readonly next: number }
  /** Both ways, the first preferred. */
  | { readonly kind: "fork"; readonly first: number; readonly second: number }
  /** Remembers the place in the text. */
  | { readonly kind: "save"; readonly slot: number; readonly next: number }
  | { readonly kind: "assert"; readonly what: Assertion; readonly next: number }
  | { readonly kind: "match" };

export type RegexProgram = {
  readonly instructions: readonly Instruction[];
  readonly start: number;
  /** Two places for each group; the first group is the whole match. */
  readonly slots: number;
};

/** More would make each byte of text dear. */
const MOST_INSTRUCTIONS = 5000;

/** @throws RegexError when the program would be too large */
export function compileRegex(regex: Regex, groups: number): RegexProgram {
  const instructions: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    if (instructions.length >= MOST_INSTRUCTIONS) throw new RegexError("the pattern is too large");
    return instructions.push(instruction) - 1;
  };
  /** A loop: its fork is known before what it leads to. */
  const loop = (write: (fork: number) => number, next: number, greedy: boolean): number => {
    const fork = add({ kind: "match" });
    const inner = write(fork);
    const [first, second] = greedy ? [inner, next] : [next, inner];
    instructions[fork] = { kind: "fork", first, second };
    return fork;
  };
  const optional = (inner: number, next: number, greedy: boolean) =>
    add(greedy ? { kind: "fork", first: inner, second: next } : { kind: "fork", first: next, second: inner });

  function set(ranges: Ranges, next: number): number {
    // No order among them: at most one matches.
    const starts = utf8Ranges(ranges).map((bytes) =>
      bytes.reduceRight((after, [low, high]) => add({ kind: "byte", low, high, next: after }), next),
    );
    if (starts.length === 0) return add({ kind: "byte", low: 1, high: 0, next });
    return starts.reduce((first, second) => add({ kind: "fork", first, second }));
  }

  function repeat({ inner, min, max, greedy }: Extract<Regex, { kind: "repeat" }>, next: number): number {
    let entry = next;
    if (max === Number.POSITIVE_INFINITY) entry = loop((fork) => write(inner, fork), next, greedy);
    else for (let i = min; i < max; i++) entry = optional(write(inner, entry), next, greedy);
    for (let i = 0; i < min; i++) entry = write(inner, entry);
    return entry;
  }

  /** Writes what matches `node` and then goes on at `next`; its entry. */
  function write(node: Regex, next: number): number {
    if (node.kind === "set") return set(node.ranges, next);
    if (node.kind === "assert") return add({ kind: "assert", what: node.what, next });
    if (node.kind === "all") return node.parts.reduceRight((after, part) => write(part, after), next);
    if (node.kind === "any") {
      const entries = node.choices.map((choice) => write(choice, next));
      return entries.reduceRight((second, first) => add({ kind: "fork", first, second }));
    }
    if (node.kind === "repeat") return repeat(node, next);
    const end = add({ kind: "save", slot: 2 * node.index + 1, next });
    return add({ kind: "save", slot: 2 * node.index, next: write(node.inner, end) });
  }

  const match = add({ kind: "match" });
  const end = add({ kind: "save", slot: 1, next: match });
  const start = add({ kind: "save", slot: 0, next: write(regex, end) });
  return { instructions, start, slots: 2 * (groups + 1) };
}
