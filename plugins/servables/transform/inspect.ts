import { DEFAULT_SIGNATURE, type Inspection, type LocalVersion, record } from "../../../core/index.js";
import { readTransform } from "./files.js";
import { folderSize } from "./folder-size.js";
import { openTransform } from "./open.js";
import type { TransformOptions } from "./options.js";
import { signatureOf } from "./run/program.js";

/** What a transform file says. @throws as loading does */
export async function inspectTransform(version: LocalVersion, { file }: TransformOptions): Promise<Inspection> {
  const program = await openTransform(await readTransform(version.path, file));
  const kinds = new Map<string, number>();
  for (const { op } of program.steps) kinds.set(op, (kinds.get(op) ?? 0) + 1);
  return {
    signatures: { [DEFAULT_SIGNATURE]: { ...signatureOf(program), engine: "javascript" } },
    facts: {
      bytesOnDisk: await folderSize(version.path),
      ops: record([...kinds].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))),
    },
  };
}
