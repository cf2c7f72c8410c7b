import { type Example, type Feature, invalidArgument, MOST_EXAMPLES, record } from "../../../../../core/index.js";
import { withContext } from "../../../../../protos/example/context.js";
import { exampleOf } from "../../../../../protos/example/encode.js";
import { CLOSE_LIST, COMMA, OPEN_LIST, OPEN_OBJECT, skipSpace } from "../scan/chars.js";
import { SLICE, turn } from "../slices.js";
import { type Cursor, readFeature } from "./feature.js";
import { readKey } from "./members.js";
import { readOutline } from "./outline.js";
import { kindOf, valueError } from "./quote.js";

/** What the body of a classify or regress request asks. */
export type ExamplesDocument = {
  readonly signatureName?: string;
  /** Never empty. */
  readonly examples: readonly Example[];
};

const NAMES = new Set(["context", "examples"]);

/** The example whose object is at the cursor, which is moved behind it. */
function* readExample(json: Buffer, cursor: Cursor): Generator<void, Example> {
  if (json[cursor.at] !== OPEN_OBJECT) {
    throw invalidArgument(`Example must be JSON object but got JSON ${kindOf(json, cursor.at)}`);
  }
  const features = record<Feature | undefined>();
  let at = skipSpace(json, cursor.at + 1);
  for (let key = readKey(json, at); key !== undefined; key = readKey(json, at)) {
    cursor.at = key.value;
    features[key.name] = yield* readFeature(json, key.name, cursor);
    at = skipSpace(json, cursor.at);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
  cursor.at = at + 1;
  return exampleOf(features);
}

function* readList(json: Buffer, cursor: Cursor): Generator<void, readonly Example[]> {
  const examples: Example[] = [];
  cursor.at = skipSpace(json, cursor.at + 1);
  while (json[cursor.at] !== CLOSE_LIST) {
    if (examples.length === MOST_EXAMPLES) throw invalidArgument(`more than ${MOST_EXAMPLES} examples in a request`);
    examples.push(yield* readExample(json, cursor));
    cursor.at = skipSpace(json, cursor.at);
    if (json[cursor.at] === COMMA) cursor.at = skipSpace(json, cursor.at + 1);
    if (cursor.at > cursor.limit) {
      yield;
      cursor.limit = cursor.at + SLICE;
    }
  }
  return examples;
}

async function inSlices<T>(
  read: (json: Buffer, cursor: Cursor) => Generator<void, T>,
  json: Buffer,
  at: number,
  signal: AbortSignal,
): Promise<T> {
  const work = read(json, { at, limit: at + SLICE });
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await turn(signal);
  }
}

/**
 * Reads `{"signature_name", "context", "examples"}`; the context's features are there for each example.
 * @throws INVALID_ARGUMENT in the words of TensorFlow Serving
 */
export async function readExamples(json: Buffer, signal: AbortSignal): Promise<ExamplesDocument> {
  const { members, signatureName } = await readOutline(json, NAMES, signal);
  const contextAt = members.get("context");
  const context = contextAt === undefined ? undefined : await inSlices(readExample, json, contextAt, signal);
  const at = members.get("examples");
  if (at === undefined) {
    // In these words for both methods.
    throw invalidArgument("When method is classify, key 'examples' is expected and was not found");
  }
  if (json[at] !== OPEN_LIST) throw valueError(json, at, "Expecting 'examples' value to be an list/array");
  if (json[skipSpace(json, at + 1)] === CLOSE_LIST) throw valueError(json, at, "'examples' value is an empty array");
  const examples = await inSlices(readList, json, at, signal);
  return { signatureName, examples: context ? withContext(context, examples) : examples };
}
