import { readFile } from "node:fs/promises";
import type { DescMessage, MessageShape, Registry } from "@bufbuild/protobuf";
import { invalidArgument, isUrl, messageOf, notFound, shownUrl } from "../../core/index.js";
import { readText } from "../../protos/text/read-text.js";
import { texts } from "../read-config.js";

const parsing = "Error parsing text-format ";

type Reading = {
  /** Knows what an Any in the file may hold. */
  readonly registry?: Registry;
  readonly signal?: AbortSignal | undefined;
};

/**
 * A file in protobuf's text format, on this machine or at a URL.
 * @throws ServingError NOT_FOUND or INVALID_ARGUMENT with TensorFlow Serving's text; its cause says what is wrong, and
 *   for a mistake inside the file also where: `file:line:column`
 */
export async function readTextFile<D extends DescMessage>(
  schema: D,
  path: string,
  { registry, signal }: Reading = {},
): Promise<MessageShape<D>> {
  const remote = isUrl(path);
  const file = remote ? shownUrl(path) : path;
  const text = await (remote ? texts.read(path, signal) : readLocal(path));
  try {
    return readText(schema, text, { file, ...(registry && { registry }) });
  } catch (error) {
    const cause = new Error(`${parsing}${schema.typeName}: ${messageOf(error)}`, { cause: error });
    throw invalidArgument(`Invalid protobuf file: '${file}'`, cause);
  }
}

async function readLocal(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw notFound(`${path}; No such file or directory`, error);
    throw invalidArgument(`${path}; ${messageOf(error)}`, error);
  });
}

/** What TensorFlow Serving leaves to its log: what is wrong in a file, and where. */
export function detailOf(error: unknown): string | undefined {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message.startsWith(parsing) ? cause.message : undefined;
}
