import type { Tensors } from "salver";
import type { Contender } from "../harness/interleave.js";
import { type ModelConfig, openModel } from "../harness/models.js";
import { rowsFor } from "./rows.js";

const ROWS = 97;

/** Asks for one row at a time, each answer held against what the same row gave alone. */
export async function singleRows(name: string, config: ModelConfig): Promise<Contender & AsyncDisposable> {
  const model = await openModel(config);
  const signature = Object.values(model.lease.signatures)[0];
  if (!signature) throw new Error(`${config.path} has no signature`);
  const rows = rowsFor(signature, ROWS);
  const expected: Tensors[] = [];
  for (const row of rows) expected.push(await model.run(row));
  let next = 0;
  return {
    name,
    once: async () => {
      const row = next++ % ROWS;
      check(await model.run(rows[row]!), expected[row]!);
    },
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

/** @throws when an answer is not that of its row; batches may round otherwise than single rows do */
function check(outputs: Tensors, expected: Tensors): void {
  for (const [name, { data }] of Object.entries(expected)) {
    const values = outputs[name]?.data;
    if (values?.length !== data.length) throw new Error(`output ${name}: ${values?.length} values, not ${data.length}`);
    for (let i = 0; i < data.length; i++) {
      const [is, was] = [Number(values[i]), Number(data[i])];
      if (!(Math.abs(is - was) <= 1e-4 * Math.max(1, Math.abs(was))))
        throw new Error(`output ${name}: ${is}, not ${was}`);
    }
  }
}
