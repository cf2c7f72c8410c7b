import { allocate, type DType, type NumericDType, type Tensor, unimplemented } from "../../../../../core/index.js";
import { tensorflowName } from "../../../../../protos/tensor/dtype.js";
import { OPEN_OBJECT, QUOTE, SMALL_F, SMALL_T, startsNumber } from "../scan/chars.js";
import { base64Object, decodeBase64 } from "./base64.js";
import { type ArrayOf, createArray } from "./growing.js";
import { int64Elements } from "./int64.js";
import { type End, readDecimal, readInteger } from "./number.js";
import { quote, typeError, valueError } from "./quote.js";
import { textBytes, textEnd } from "./text.js";

/** Collects the elements of one tensor, in the order of reading. */
export interface Elements {
  /**
   * Takes the value at `at`, which is no list; returns the offset after it.
   * @throws INVALID_ARGUMENT when it is not of the tensor's type, UNIMPLEMENTED when that type has no JSON
   */
  read(at: number): number;
  count(): number;
  data(): Tensor["data"];
}

type Small = "int8" | "int16" | "int32" | "uint8" | "uint32";

function floats(json: Buffer, dtype: "float32" | "float64"): Elements {
  const array = createArray(json, dtype);
  const end: End = { at: 0 };
  const single = dtype === "float32";
  return {
    ...collected(array),
    read: (at) => {
      if (!startsNumber(json[at])) throw typeError(json, at, tensorflowName(dtype));
      const value = readDecimal(json, at, end, single);
      if (array.count === array.items.length) array.grow(at);
      array.items[array.count++] = value;
      return end.at;
    },
  };
}

// As in TensorFlow Serving the types below int32 take any int32, of which the low bits stay.
function integers(json: Buffer, dtype: Small): Elements {
  const array = createArray(json, dtype);
  const end: End = { at: 0 };
  const [least, most] = dtype === "uint32" ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  return {
    ...collected(array),
    read: (at) => {
      const value = readInteger(json, at, end);
      if (!(value >= least && value <= most)) throw typeError(json, at, tensorflowName(dtype));
      if (array.count === array.items.length) array.grow(at);
      array.items[array.count++] = value;
      return end.at;
    },
  };
}

function bools(json: Buffer): Elements {
  const array = createArray(json, "bool");
  return {
    ...collected(array),
    read: (at) => {
      const char = json[at];
      if (char !== SMALL_T && char !== SMALL_F) throw typeError(json, at, "bool");
      if (array.count === array.items.length) array.grow(at);
      array.items[array.count++] = char === SMALL_T ? 1 : 0;
      return at + (char === SMALL_T ? 4 : 5);
    },
  };
}

function texts(json: Buffer): Elements {
  const items: Uint8Array[] = [];
  return {
    count: () => items.length,
    data: () => items,
    read: (at) => {
      if (json[at] === QUOTE) {
        const end = textEnd(json, at + 1);
        items.push(textBytes(json, at + 1, end));
        return end + 1;
      }
      if (json[at] !== OPEN_OBJECT) throw typeError(json, at, "string");
      const base64 = base64Object(json, at);
      if (base64 === undefined) throw valueError(json, at, "not formatted correctly for base64 data");
      items.push(decodeBase64(json, base64));
      return base64.after;
    },
  };
}

/** A list without elements is still a tensor. */
function refused(json: Buffer, dtype: NumericDType): Elements {
  return {
    count: () => 0,
    data: () => allocate(dtype, 0),
    read: (at) => {
      const type = tensorflowName(dtype);
      if (json[at] === OPEN_OBJECT) throw typeError(json, at, type);
      throw unimplemented(`Conversion of JSON Value: ${quote(json, at)} to type: ${type}`);
    },
  };
}

const collected = (array: ArrayOf): Pick<Elements, "count" | "data"> => ({
  count: () => array.count,
  data: () => array.items.subarray(0, array.count),
});

export function createElements(json: Buffer, dtype: DType): Elements {
  switch (dtype) {
    case "float32":
    case "float64":
      return floats(json, dtype);
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint32":
      return integers(json, dtype);
    case "int64":
    case "uint64":
      return int64Elements(json, dtype);
    case "bool":
      return bools(json);
    case "string":
      return texts(json);
    default:
      return refused(json, dtype);
  }
}
