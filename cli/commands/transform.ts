import { rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { readTransform } from "../../plugins/servables/transform/files.js";
import { progressDisplay } from "../output/progress.js";
import { table } from "../output/table.js";

const help = `
<data.csv> has a header with the names of the inputs that are needed; RFC 4180, UTF-8. An empty cell is NaN for inputs of
floats and "" for strings, and refused for others. NaN and empty strings do not count.
<spec> is a transform.yaml, or the folder it is in. Values are filled in where they are missing; comments, order and layout
stay. Vocabularies of more than 1000 tokens go into files beside it.

The data is read once for each fitted step that waits for another one, and is never in memory as a whole. Quantiles are
exact for up to 262144 values, beyond that within 0.003 % of their ranks.

Examples:
  $ salver transform fit train.csv features/1/transform.yaml
  $ salver transform fit train.csv features/1 --again --out features/2/transform.yaml

Exit codes: 0 fitted, or nothing was to fit; 1 the data cannot be taken; 2 the spec or the command line is wrong.`;

type Flags = {
  readonly out?: string;
  readonly again?: boolean;
  readonly missing?: readonly string[];
  readonly delimiter?: string;
};

function oneCharacter(text: string): string {
  const character = text === "\\t" || text === "tab" ? "\t" : text;
  if (character.length !== 1 || /["\r\n]/.test(character))
    throw new InvalidArgumentError("Expected one character, or tab.");
  return character;
}

export function transformCommand(program: Command): void {
  program
    .command("transform")
    .description("feature transforms: transform.yaml files")
    .command("fit")
    .description("compute the fitted values of a transform.yaml from data")
    .argument("<data.csv>", "rows to fit to")
    .argument("<spec>", "transform.yaml, or the folder it is in")
    .option("--out <file>", "file to write; default: the spec itself")
    .option("--again", "compute values that are there already, too")
    .option("--missing <texts>", "cells that count as empty, separated by commas, e.g. NA,null", (text) =>
      text.split(","),
    )
    .option("--delimiter <character>", "what is between fields; default: a comma", oneCharacter)
    .addHelpText("after", help)
    .action(fit);
}

const LONGEST = 60;

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST - 1)}… (${Array.isArray(value) ? value.length : text.length})`;
}

async function fit(csv: string, path: string, flags: Flags): Promise<void> {
  const { fitTransform } = await import("../../plugins/servables/transform/fit/fit.js");
  const { out, ...options } = flags;
  const spec = await readTransform(path, "transform.yaml");
  const target = out ?? join(spec.folder, spec.name);
  const display = progressDisplay(process.stderr);
  const onProgress = ({ pass, bytes, size }: { pass: number; bytes: number; size: number }) =>
    display.show(`pass ${pass}`, size === 0 ? 1 : Math.min(1, bytes / size));
  const { text, rows, fitted } = await fitTransform(
    { ...spec, name: relative(".", join(spec.folder, spec.name)) },
    { csv, folder: dirname(target), onProgress, ...options },
  ).finally(() => display.done());
  if (fitted.length === 0) {
    process.stdout.write("Nothing was to fit: every step has its values. --again computes them anew.\n");
    if (out === undefined) return;
  }
  // The file appears when it is complete.
  const part = `${target}.part`;
  await writeFile(part, text);
  await rename(part, target);
  const lines = fitted.flatMap(({ step, op, to, values }) =>
    Object.entries(values).map(([option, value]) => [`steps[${step}]`, op, to, option, shown(value)]),
  );
  if (lines.length > 0) process.stdout.write(`${table(["step", "op", "to", "option", "value"], lines)}\n\n`);
  process.stdout.write(`${relative(".", target)}: fitted to ${rows} rows\n`);
}
