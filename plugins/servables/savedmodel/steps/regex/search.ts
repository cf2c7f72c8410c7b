import type { Assertion } from "./ast.js";
import type { RegexProgram } from "./compile.js";

/** A search under way. */
export interface Search {
  /** Looks at up to `count` more bytes; true when the search is over. */
  advance(count: number): boolean;
  /** Where the groups of the match begin and end, -1 for those that take no part; undefined when nothing matches. */
  readonly match: Int32Array | undefined;
}

export interface Searcher {
  /** The first match at or behind `from`, the preferred one of those that begin there: as Perl and RE2 choose. */
  begin(text: Uint8Array, from: number): Search;
}

const isWord = (byte: number | undefined) =>
  byte !== undefined &&
  ((byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122));

function holds(what: Assertion, text: Uint8Array, at: number): boolean {
  if (what === "start") return at === 0;
  if (what === "end") return at === text.length;
  if (what === "line start") return at === 0 || text[at - 1] === 10;
  if (what === "line end") return at === text.length || text[at] === 10;
  return (isWord(text[at - 1]) !== isWord(text[at])) === (what === "word boundary");
}

/** Threads at one place of the text, the preferred first; no instruction twice. */
type Threads = { count: number; readonly at: Int32Array; readonly mark: Int32Array; readonly slots: Int32Array };

/**
 * Runs a program as a set of threads that move over the text together, so that its time is bounded by the length of the
 * text times that of the program, whatever both are. https://swtch.com/~rsc/regexp/regexp2.html
 */
export function createSearcher({ instructions, start, slots: width }: RegexProgram): Searcher {
  const size = instructions.length;
  const create = (): Threads => ({
    count: 0,
    at: new Int32Array(size),
    mark: new Int32Array(size).fill(-1),
    slots: new Int32Array(size * width),
  });
  /** Memory of searches that are over. A search may be interrupted by another one. */
  const pool: (readonly [Threads, Threads])[] = [];
  /** Whether a match can begin with a byte; undefined when one can be empty. */
  const first = firstBytes();

  function firstBytes(): Uint8Array | undefined {
    const bytes = new Uint8Array(256);
    const seen = new Set<number>();
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = instructions[at]!;
      if (instruction.kind === "match") return undefined;
      if (instruction.kind === "byte") bytes.fill(1, instruction.low, instruction.high + 1);
      else if (instruction.kind === "fork") open.push(instruction.first, instruction.second);
      else open.push(instruction.next);
    }
    return bytes;
  }

  const stack: number[] = [];
  /** Adds a thread and all that it becomes without a byte; `slots` are its own and may be changed. */
  function spawn(threads: Threads, entry: number, slots: Int32Array, text: Uint8Array, at: number): void {
    // A negative number puts a slot back to the number below it.
    stack.push(entry);
    while (stack.length > 0) {
      const place = stack.pop()!;
      if (place < 0) {
        slots[-place - 1] = stack.pop()!;
        continue;
      }
      const seen = threads.mark[place]!;
      if (seen >= 0 && seen < threads.count && threads.at[seen] === place) continue;
      threads.mark[place] = threads.count;
      const own = threads.count++;
      threads.at[own] = place;
      const instruction = instructions[place]!;
      if (instruction.kind === "fork") stack.push(instruction.second, instruction.first);
      else if (instruction.kind === "save") {
        stack.push(slots[instruction.slot]!, -instruction.slot - 1, instruction.next);
        slots[instruction.slot] = at;
      } else if (instruction.kind === "assert") {
        if (holds(instruction.what, text, at)) stack.push(instruction.next);
      } else threads.slots.set(slots, own * width);
    }
  }

  return {
    begin: (text, from) => {
      const memory = pool.pop() ?? [create(), create()];
      let [now, then]: readonly [Threads, Threads] = memory;
      now.count = 0;
      let at = from;
      let match: Int32Array | undefined;
      const fresh = new Int32Array(width).fill(-1);

      /** One place of the text; false when there is no more to find. */
      const step = (): boolean => {
        if (match === undefined) spawn(now, start, fresh, text, at);
        if (now.count === 0) return match === undefined && at < text.length;
        then.count = 0;
        for (let i = 0; i < now.count; i++) {
          const instruction = instructions[now.at[i]!]!;
          if (instruction.kind === "byte") {
            const byte = text[at]!;
            if (at < text.length && byte >= instruction.low && byte <= instruction.high) {
              spawn(then, instruction.next, now.slots.subarray(i * width, (i + 1) * width), text, at + 1);
            }
          } else if (instruction.kind === "match") {
            match = now.slots.slice(i * width, (i + 1) * width);
            // Those behind are less preferred.
            break;
          }
        }
        [now, then] = [then, now];
        at++;
        return at <= text.length;
      };

      return {
        get match() {
          return match;
        },
        advance: (count) => {
          const over = move(count);
          if (over) pool.push(memory);
          return over;
        },
      };

      function move(count: number): boolean {
        const stop = at + count;
        while (at < stop) {
          if (first && now.count === 0 && match === undefined) {
            const limit = Math.min(stop, text.length);
            while (at < limit && first[text[at]!] === 0) at++;
            if (at >= text.length) return true;
            if (at >= stop) return false;
          }
          if (!step()) return true;
        }
        return false;
      }
    },
  };
}
