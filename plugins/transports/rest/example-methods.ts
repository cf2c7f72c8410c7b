import type { Example, Frontend, Lease, ModelSpec, RequestEvent, RequestOptions } from "../../../core/index.js";
import { readExamples } from "./json/read/examples.js";
import { type PutResult, putClasses, putValue, writeResults } from "./json/write/results.js";

type Ask<T> = (
  lease: Lease,
  signature: string,
  examples: readonly Example[],
  options: RequestOptions,
) => Promise<Iterable<T>>;

/**
 * Answers the JSON of examples with the JSON of their results, one for each. All of the JSON is checked before the model
 * is looked for, as in TensorFlow Serving. The answer throws ServingErrors.
 */
function answering<T>(ask: Ask<T>, put: PutResult<T>) {
  return async (
    frontend: Frontend,
    spec: ModelSpec,
    body: Buffer,
    options: RequestOptions,
    event?: RequestEvent,
  ): Promise<Buffer> => {
    const { signal } = options;
    const { signatureName = "", examples } = await readExamples(body, signal);
    const lease = frontend.lease(spec, event);
    try {
      return await writeResults(await ask(lease, signatureName, examples, options), put, signal);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}

export const classify = answering((lease, ...request) => lease.classify(...request), putClasses);
export const regress = answering((lease, ...request) => lease.regress(...request), putValue);
