import { z } from "zod";
import { ops } from "../../../../../plugins/servables/transform/ops/all.js";
import type { AnyOp } from "../../../../../plugins/servables/transform/ops/op.js";

type Option = { readonly description?: string; readonly default?: unknown };
type Schema = { readonly properties?: Readonly<Record<string, Option>>; readonly required?: readonly string[] };

const cell = (text: string) => text.replaceAll("|", "\\|");

function defaultOf(name: string, option: Option, { required = [] }: Schema): string {
  if (required.includes(name)) return "required";
  return option.default === undefined ? "" : `\`${JSON.stringify(option.default)}\``;
}

function sectionOf({ name, about, takes, gives, options }: AnyOp): string {
  const schema = z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as Schema;
  const rows = Object.entries(schema.properties ?? {}).map(
    ([key, option]) => `| \`${key}\` | ${defaultOf(key, option, schema)} | ${cell(option.description ?? "")} |`,
  );
  const table = rows.length > 0 ? ["", "| option | default | what |", "|---|---|---|", ...rows] : [];
  return [`## ${name}`, "", about, "", `Takes ${takes}; gives ${gives}.`, ...table].join("\n");
}

/** The page of all ops, as it must be beside the plugin. */
export function opPage(): string {
  const all = [...ops.values()];
  const table = all.map(({ name, takes, gives }) => `| [\`${name}\`](#${name}) | ${cell(takes)} | ${cell(gives)} |`);
  return `${[
    "# Steps of a transform",
    "",
    "Written from the code by its tests (`npx vitest run test/plugins/servables/transform/op-page.test.ts --update`). What is",
    "fitted, `salver transform fit` computes from data.",
    "",
    "| op | takes | gives |",
    "|---|---|---|",
    ...table,
    "",
    all.map(sectionOf).join("\n\n"),
  ].join("\n")}\n`;
}
