import { fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, dtypes, type Tensor, tensor } from "../../../core/index.js";
import { TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { encodeTensorProto } from "../../../protos/tensor/encode.js";
import { anyTensor, anyTensorOf, toMessage } from "./arbitrary.js";

const valuesOf = (value: Tensor) => [...value.data] as (number | bigint | Uint8Array)[];

describe("encodeTensorProto", () => {
  it.each(dtypes)("writes %s as the generated code does, byte for byte", (dtype) => {
    fc.assert(
      fc.property(anyTensorOf(dtype), (value) => {
        const expected = toBinary(TensorProtoSchema, toMessage(value.dtype, value.shape, valuesOf(value)));
        expect(Buffer.from(encodeTensorProto(value)).equals(expected)).toBe(true);
      }),
    );
  });

  it("puts the raw elements in tensor_content when asked to", () => {
    fc.assert(
      fc.property(anyTensor, (value) => {
        const message = toMessage(value.dtype, value.shape, value.dtype === "string" ? valuesOf(value) : []);
        if (value.dtype !== "string") message.tensorContent = Uint8Array.from(bytesOf(value.data));
        const bytes = encodeTensorProto(value, { content: true });
        expect(Buffer.from(bytes).equals(toBinary(TensorProtoSchema, message))).toBe(true);
      }),
    );
  });

  it("writes a scalar with an empty shape, which is not the same as no shape", () => {
    const message = fromBinary(TensorProtoSchema, encodeTensorProto(tensor("float32", [], new Float32Array([0.5]))));
    expect(message.tensorShape?.dim).toEqual([]);
    expect(message.floatVal).toEqual([0.5]);
  });

  it("writes any true as 1, for a client whose bool is strict", () => {
    const bytes = encodeTensorProto(tensor("bool", [3], new Uint8Array([0, 7, 255])));
    expect([...bytes.subarray(-3)]).toEqual([0, 1, 1]);
  });

  it("keeps the bytes of strings, NUL and broken UTF-8 included", () => {
    const item = new Uint8Array([0, 0xff, 0xfe, 0]);
    const message = fromBinary(TensorProtoSchema, encodeTensorProto(tensor("string", [1], [item])));
    expect([...message.stringVal[0]!]).toEqual([...item]);
  });

  it("writes a view of a part of a larger array, not the array", () => {
    const part = new Int32Array([1, -2, 3, 4]).subarray(1, 3);
    expect(fromBinary(TensorProtoSchema, encodeTensorProto(tensor("int32", [2], part))).intVal).toEqual([-2, 3]);
    const wide = new BigInt64Array([1n, -2n, 3n]).subarray(1);
    expect(fromBinary(TensorProtoSchema, encodeTensorProto(tensor("int64", [2], wide))).int64Val).toEqual([-2n, 3n]);
  });
});
