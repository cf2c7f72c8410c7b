import type { Signature, Tensors } from "salver";
import type { Contender } from "./interleave.js";
import { type ModelConfig, openModel } from "./models.js";
import { requestsFor } from "./requests.js";

export type OpenContender = Contender & AsyncDisposable;

export type Work = {
  /** Rows of a request. */
  readonly rows: number;
  /** Different requests, which come one after the other, again and again. */
  readonly requests: number;
  /** Sizes for the dimensions that the signature leaves open, the first aside; 1 when absent. */
  readonly open?: number;
};

/** A model in this process that is asked, each answer held against what the same request gave when it was alone. */
export async function modelContender(name: string, config: ModelConfig, work: Work): Promise<OpenContender> {
  const model = await openModel(config);
  const requests = requestsFor(firstOf(model.lease.signatures), work);
  const expected: Tensors[] = [];
  for (const request of requests) expected.push(await model.run(request));
  let next = 0;
  return {
    name,
    once: async () => {
      const at = next++ % requests.length;
      check(await model.run(requests[at]!), expected[at]!);
    },
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

/** What TensorFlow Serving takes when none is named, else the first. */
export function firstOf(signatures: Readonly<Record<string, Signature>>): Signature {
  const signature = signatures.serving_default ?? Object.values(signatures)[0];
  if (!signature) throw new Error("the model has no signature");
  return signature;
}

/** @throws when an answer is not that of its request; batches may round otherwise than single rows do */
export function check(outputs: Tensors, expected: Tensors): void {
  for (const [name, { data }] of Object.entries(expected)) {
    const values = outputs[name]?.data;
    if (values?.length !== data.length) throw new Error(`output ${name}: ${values?.length} values, not ${data.length}`);
    for (let i = 0; i < data.length; i++) {
      const [is, was] = [Number(values[i]), Number(data[i])];
      const close = Math.abs(is - was) <= 1e-4 * Math.max(1, Math.abs(was));
      if (!close) throw new Error(`output ${name}: ${is}, not ${was}`);
    }
  }
}
