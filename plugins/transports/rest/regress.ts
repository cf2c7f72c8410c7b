import type { Frontend, ModelSpec, RequestEvent, RequestOptions } from "../../../core/index.js";
import { readExamples } from "./json/read/examples.js";
import { putValue, writeResults } from "./json/write/results.js";

/**
 * Answers the JSON of a regress request with JSON. All of the JSON is checked before the model is looked for, as in
 * TensorFlow Serving.
 * @throws ServingError
 */
export async function regress(
  frontend: Frontend,
  spec: ModelSpec,
  body: Buffer,
  options: RequestOptions,
  event?: RequestEvent,
): Promise<Buffer> {
  const { signal } = options;
  const { signatureName = "", examples } = await readExamples(body, signal);
  const lease = frontend.lease(spec, event);
  try {
    return await writeResults(await lease.regress(signatureName, examples, options), putValue, signal);
  } finally {
    lease[Symbol.dispose]();
  }
}
