import { readFile } from "node:fs/promises";
import type { DescMessage, MessageShape, Registry } from "@bufbuild/protobuf";
import { invalidArgument, messageOf, notFound } from "../../core/index.js";
import { readText } from "../../protos/text/read-text.js";

const parsing = "Error parsing text-format ";

/**
 * A file in protobuf's text format; `registry` knows what an Any in it may hold.
 * @throws ServingError NOT_FOUND or INVALID_ARGUMENT with TensorFlow Serving's text; its cause says what is wrong, and
 *   for a mistake inside the file also where: `file:line:column`
 */
export async function readTextFile<D extends DescMessage>(
  schema: D,
  path: string,
  registry?: Registry,
): Promise<MessageShape<D>> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw notFound(`${path}; No such file or directory`, error);
    throw invalidArgument(`${path}; ${messageOf(error)}`, error);
  });
  try {
    return readText(schema, text, { file: path, ...(registry && { registry }) });
  } catch (error) {
    const cause = new Error(`${parsing}${schema.typeName}: ${messageOf(error)}`, { cause: error });
    throw invalidArgument(`Invalid protobuf file: '${path}'`, cause);
  }
}

/** What TensorFlow Serving leaves to its log: what is wrong in a file, and where. */
export function detailOf(error: unknown): string | undefined {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message.startsWith(parsing) ? cause.message : undefined;
}
