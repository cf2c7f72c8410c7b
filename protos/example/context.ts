import { type Example, type Feature, record, resourceExhausted } from "../../core/index.js";
import { readFeatures } from "./decode.js";

/** The most that repeating a context may take, in bytes: few bytes of it and many examples make many bytes. */
const LIMIT = 256 * 2 ** 20;

/**
 * Examples that share the features of `context`. Where both have one, the example's counts: its bytes come after the
 * context's, which is how protobuf merges messages.
 * @throws ServingError RESOURCE_EXHAUSTED where the repeated context would be larger than 256 MiB
 */
export function withContext(context: Example, examples: readonly Example[]): readonly Example[] {
  const total = context.bytes.length * examples.length;
  if (total > LIMIT) {
    throw resourceExhausted(
      `a context of ${context.bytes.length} bytes for each of ${examples.length} examples makes ${total} bytes, the ` +
        `limit is ${LIMIT}: send fewer examples in a request`,
    );
  }
  let shared: [string, Feature][] | undefined;
  const features = () => {
    shared ??= Object.entries(context.features());
    return shared;
  };
  return examples.map((example) => merged(context, features, example));
}

function merged(context: Example, shared: () => readonly [string, Feature][], example: Example): Example {
  let bytes: Uint8Array | undefined;
  return {
    get bytes() {
      bytes ??= Buffer.concat([context.bytes, example.bytes]);
      return bytes;
    },
    features: () => readFeatures(example.bytes, record(shared())),
  };
}
