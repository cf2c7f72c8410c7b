import { hint } from "../../core/index.js";
import { type Flag, type FlagName, type FlagType, flags, type GivenFlags } from "./flags.js";

/** A command line that cannot be read; the usage is shown. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const known = new Map<string, Flag>(flags.map((flag) => [flag.name, flag]));

const int = (bits: bigint) => (text: string) => {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return value >= -(2n ** (bits - 1n)) && value < 2n ** (bits - 1n) ? Number(value) : undefined;
};

const readers: Readonly<Record<FlagType, (text: string) => number | boolean | string | undefined>> = {
  int: int(32n),
  int64: int(64n),
  float: (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined),
  bool: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  string: (text) => text,
};

/** Whether an argument is written as one of TensorFlow Serving's flags: `--name` or `--name=value`. */
export const isKnownFlag = (argument: string): boolean => known.has(nameOf(argument));

const nameOf = (argument: string): string => /^--([^=]*)/.exec(argument)?.[1] ?? "";

/**
 * Reads `--name=value`, and `--name` alone for a boolean; of a flag given twice the last one counts.
 * @param others what the command line may have besides, for the hint
 * @throws UsageError for an unknown argument, naming the nearest flag, and for a value that cannot be read
 */
export function parseFlags(args: readonly string[], others: readonly string[] = []): GivenFlags {
  return Object.fromEntries(args.map((argument) => parseFlag(argument, others)));
}

function parseFlag(argument: string, others: readonly string[]): [FlagName, number | boolean | string] {
  const name = nameOf(argument);
  const flag = known.get(name);
  if (!flag) {
    const bare = argument.replace(/^-+/, "").replace(/=.*/s, "");
    const near = hint(bare, [...known.keys(), ...others]).replace('"', '"--');
    throw new UsageError(`unknown argument: ${argument}${near.startsWith(" (known") ? "" : near}`);
  }
  const equals = argument.indexOf("=");
  if (equals < 0 && flag.type === "bool") return [flag.name as FlagName, true];
  if (equals < 0) throw new UsageError(`--${name} needs a value: --${name}=VALUE`);
  const text = argument.slice(equals + 1);
  const value = readers[flag.type](text);
  if (value === undefined) {
    const expected = flag.type === "bool" ? "true or false" : `a value of type ${flag.type}`;
    throw new UsageError(`Couldn't interpret value ${text} for flag ${name}: expected ${expected}.`);
  }
  return [flag.name as FlagName, value];
}
