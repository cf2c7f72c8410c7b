import {
  DEFAULT_SIGNATURE,
  type Frontend,
  invalidArgument,
  type ModelSpec,
  type RequestEvent,
  type RequestOptions,
} from "../../../core/index.js";
import { formOf, readDocument } from "./json/read/document.js";
import { readInputs } from "./json/read/inputs.js";
import { readInstances } from "./json/read/instances.js";
import { writeResponse } from "./json/write/response.js";

/**
 * Answers the JSON of a predict request with JSON. The order of its checks is TensorFlow Serving's: syntax, model,
 * signature, tensors.
 * @throws ServingError
 */
export async function predict(
  frontend: Frontend,
  spec: ModelSpec,
  body: Buffer,
  options: RequestOptions,
  event?: RequestEvent,
): Promise<Buffer> {
  const { signal } = options;
  const document = await readDocument(body, signal);
  const lease = frontend.lease(spec, event);
  try {
    const name = document.signatureName || DEFAULT_SIGNATURE;
    const signature = Object.hasOwn(lease.signatures, name) ? lease.signatures[name] : undefined;
    if (signature === undefined) {
      throw invalidArgument(`Serving signature name: "${name}" not found in signature def`);
    }
    const form = formOf(document);
    const inputs =
      form === "row"
        ? await readInstances(body, document.instances as number, signature, signal)
        : await readInputs(body, document.inputs as number, signature, signal);
    return await writeResponse(form, await lease.predict(name, inputs, options), signal);
  } finally {
    lease[Symbol.dispose]();
  }
}
