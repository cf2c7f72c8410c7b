import { isUtf8 } from "node:buffer";
import { type DType, invalidArgument, type Tensor, tensor } from "../../../../core/index.js";
import type { WireTensor } from "./messages.js";

/** A copy that can be given to another thread, so that the caller keeps its own. */
export function toWire(name: string, { dtype, shape, data }: Tensor, transfer: ArrayBuffer[]): WireTensor {
  if (dtype === "string") {
    for (const item of data) {
      if (item.includes(0) || !isUtf8(item)) {
        throw invalidArgument(
          `input "${name}" holds bytes that are not UTF-8, or a NUL: the binding engine carries text only, use engine ffi`,
        );
      }
    }
    return { type: dtype, shape, data };
  }
  const copy = data.slice();
  transfer.push(copy.buffer as ArrayBuffer);
  return { type: dtype, shape, data: copy };
}

export const fromWire = ({ type, shape, data }: WireTensor): Tensor =>
  tensor(type as DType, shape, data as never) as Tensor;
