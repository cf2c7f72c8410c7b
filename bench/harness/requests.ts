import type { Signature, Tensors } from "salver";
import type { Work } from "./contender.js";

/** Requests of numbers for a signature of float32 and int inputs, each different, so that swapped answers show. */
export function requestsFor(signature: Signature, { requests, rows, open = 1 }: Work): readonly Tensors[] {
  return Array.from({ length: requests }, (_, request) =>
    Object.fromEntries(
      Object.entries(signature.inputs).map(([name, { dtype, shape }]) => {
        const dims = [rows, ...(shape ?? []).slice(1).map((size) => (size < 0 ? open : size))];
        const length = dims.reduce((product, size) => product * size, 1);
        const values = Array.from({ length }, (_, i) => ((request * 31 + i * 7) % 17) / 17);
        if (dtype === "float32") return [name, { dtype, shape: dims, data: Float32Array.from(values) }];
        const whole = values.map((value) => Math.floor(value * 17));
        if (dtype === "int32") return [name, { dtype, shape: dims, data: Int32Array.from(whole) }];
        if (dtype === "int64") return [name, { dtype, shape: dims, data: BigInt64Array.from(whole, BigInt) }];
        throw new Error(`the input ${name} is of type ${dtype}, for which no requests are made`);
      }),
    ),
  );
}
