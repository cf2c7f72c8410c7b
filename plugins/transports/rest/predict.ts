import {
  DEFAULT_SIGNATURE,
  type Frontend,
  invalidArgument,
  isPending,
  type Lease,
  type ModelSpec,
  type RequestEvent,
  type RequestOptions,
} from "../../../core/index.js";
import { formOf, readDocument } from "./json/read/document.js";
import { readInputs } from "./json/read/inputs.js";
import { readInstances } from "./json/read/instances.js";
import { type Asked, createPlainReader, type PlainReader } from "./json/read/plain.js";
import { finish, SLICE } from "./json/slices.js";
import { writeResponse } from "./json/write/response.js";

/** Reads what most clients send, in one pass; undefined for all else. A body of one slice is read at once. */
function readPlain(
  body: Buffer,
  { signatures }: Lease,
  options: RequestOptions,
): Asked | undefined | Promise<Asked | undefined> {
  let reader: PlainReader;
  try {
    reader = createPlainReader(body, signatures);
    if (reader.step(SLICE)) return reader.asked();
  } catch {
    return undefined;
  }
  const { signal } = options;
  return finish(reader, signal).then(
    () => reader.asked(),
    () => {
      signal.throwIfAborted();
      return undefined;
    },
  );
}

/** Checks the syntax of all of it first, then reads. @throws INVALID_ARGUMENT */
async function readAny(body: Buffer, { signatures }: Lease, { signal }: RequestOptions): Promise<Asked> {
  const document = await readDocument(body, signal);
  const name = document.signatureName || DEFAULT_SIGNATURE;
  const signature = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  if (signature === undefined) throw invalidArgument(`Serving signature name: "${name}" not found in signature def`);
  const form = formOf(document);
  const inputs =
    form === "row"
      ? await readInstances(body, document.instances as number, signature, signal)
      : await readInputs(body, document.inputs as number, signature, signal);
  return { form, signature: name, inputs };
}

/**
 * Answers the JSON of a predict request with JSON. What is wrong is said in TensorFlow Serving's order: syntax, model,
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
  let lease: Lease;
  try {
    lease = frontend.lease(spec, event);
  } catch (error) {
    await readDocument(body, options.signal);
    throw error;
  }
  try {
    const plain = readPlain(body, lease, options);
    const asked = (plain instanceof Promise ? await plain : plain) ?? (await readAny(body, lease, options));
    const answer = lease.predict(asked.signature, asked.inputs, options);
    const outputs = isPending(answer) ? await answer : answer;
    const reply = writeResponse(asked.form, outputs, options);
    return reply instanceof Promise ? await reply : reply;
  } finally {
    lease[Symbol.dispose]();
  }
}
