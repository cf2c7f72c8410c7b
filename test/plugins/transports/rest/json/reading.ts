import type { Signature, Tensors } from "salver";
import { formOf, readDocument } from "../../../../../plugins/transports/rest/json/read/document.js";
import { readInputs } from "../../../../../plugins/transports/rest/json/read/inputs.js";
import { readInstances } from "../../../../../plugins/transports/rest/json/read/instances.js";

const { signal } = new AbortController();

/** The tensors of a request body. */
export async function readBody(body: string | Buffer, signature: Signature): Promise<Tensors> {
  const json = Buffer.from(body);
  const document = await readDocument(json, signal);
  return formOf(document) === "row"
    ? readInstances(json, document.instances as number, signature, signal)
    : readInputs(json, document.inputs as number, signature, signal);
}
