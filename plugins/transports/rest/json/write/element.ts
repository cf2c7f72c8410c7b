import { invalidArgument, type Tensor } from "../../../../../core/index.js";
import { tensorflowName } from "../../../../../protos/tensor/dtype.js";
import { putFloat32 } from "./float32.js";
import { formatDecimal } from "./general.js";
import { type Output, putAscii, reserve } from "./output.js";
import { putText } from "./text.js";

/** Writes the element of that index. */
export type PutElement = (out: Output, index: number) => void;

/** Not JSON, on purpose: TensorFlow Serving writes them so, and reads them. */
function putUnlessFinite(out: Output, value: number): boolean {
  if (Number.isFinite(value)) return false;
  putAscii(out, Number.isNaN(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
  return true;
}

/** A float32 by itself. */
export function putFloat(out: Output, value: number): void {
  if (!putUnlessFinite(out, value)) putFloat32(out, value);
}

const asIs = (value: number): number => value;

/**
 * How the elements of the output `name` are written.
 * @throws INVALID_ARGUMENT when their type has no JSON
 */
export function elementWriter(name: string, tensor: Tensor): PutElement {
  switch (tensor.dtype) {
    case "float32": {
      const { data } = tensor;
      return (out, index) => putFloat(out, data[index] as number);
    }
    case "float64": {
      const { data } = tensor;
      return (out, index) => {
        const value = data[index] as number;
        if (!putUnlessFinite(out, value)) putAscii(out, formatDecimal(value, 17, asIs));
      };
    }
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64": {
      const { data } = tensor;
      return (out, index) => putAscii(out, String(data[index]));
    }
    case "bool": {
      const { data } = tensor;
      return (out, index) => putAscii(out, data[index] === 0 ? "false" : "true");
    }
    case "string": {
      const { data } = tensor;
      if (!name.endsWith("_bytes")) return (out, index) => putText(out, data[index] as Uint8Array);
      return (out, index) => {
        const { buffer, byteOffset, byteLength } = data[index] as Uint8Array;
        const base64 = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
        putAscii(out, '{"b64":"');
        reserve(out, base64.length);
        out.length += out.bytes.write(base64, out.length, "latin1");
        putAscii(out, '"}');
      };
    }
    default:
      throw invalidArgument(`Failed to write JSON value for tensor type: ${tensorflowName(tensor.dtype)}`);
  }
}

/** A name as a key with its colon. */
export const keyOf = (name: string): Buffer => Buffer.from(`${JSON.stringify(name)}:`);
