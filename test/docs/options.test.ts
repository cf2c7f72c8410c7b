import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { builtins } from "salver/plugins";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { root } from "./samples.js";

type Schema = { readonly properties?: Readonly<Record<string, { readonly default?: unknown }>> };

const folders: Readonly<Record<string, string>> = { policy: "policies" };
const factories = builtins.flatMap((plugin) => plugin.factories);

/** Cells of a README's table rows whose first cell is one name in backticks, by that name. */
async function rowsOf(kind: string, type: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(join(root, "plugins", folders[kind] ?? `${kind}s`, type, "README.md"), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` *\|(.*)\|$/gm)];
  return new Map(rows.map(([, name = "", rest = ""]) => [name, rest.split("|").map((cell) => cell.trim())]));
}

const plain = (value: unknown) =>
  typeof value === "string" ? value : JSON.stringify(value).replaceAll('"', "").replaceAll(",", ", ");

describe("the README of each component has its options with their defaults", () => {
  test.each(factories)("$kind $type", async ({ kind, type, options }) => {
    const { properties = {} } = z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as Schema;
    const rows = await rowsOf(kind, type);
    for (const [name, { default: value }] of Object.entries(properties)) {
      const [shown] = rows.get(name) ?? [];
      expect(shown, `${kind} ${type}: the table of options has no row for ${name}`).toBeDefined();
      if (value === undefined || shown === "see above") continue;
      expect(shown?.replaceAll("`", ""), `${kind} ${type}: the default of ${name}`).toBe(plain(value));
    }
  });
});
