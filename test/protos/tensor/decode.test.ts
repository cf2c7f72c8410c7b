import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, dtypes, elementCount, isServingError, type ServingError, type Tensor } from "../../../core/index.js";
import { TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { DataType } from "../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { createBudget, decodeTensorProto } from "../../../protos/tensor/decode.js";
import { dataTypeOf } from "../../../protos/tensor/dtype.js";
import { encodeTensorProto } from "../../../protos/tensor/encode.js";
import { valueFields } from "../../../protos/tensor/fields.js";
import { anyShortened, anyTensor, anyTensorOf, dataOf, itemsPerElement, toMessage } from "./arbitrary.js";

const plain = (value: Tensor) => ({
  dtype: value.dtype,
  shape: [...value.shape],
  data: value.dtype === "string" ? value.data.map((item) => [...item]) : [...value.data],
});

/** The message at an offset of its buffer, so that both views and copies are tried. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + by);
  buffer.set(bytes, by);
  return buffer.subarray(by);
}

const head = (dtype: DataType, ...dims: number[]) =>
  create(TensorProtoSchema, { dtype, tensorShape: { dim: dims.map((size) => ({ size: BigInt(size) })) } });

function refusal(run: () => unknown): ServingError {
  try {
    run();
  } catch (error) {
    if (isServingError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Tensors whose values are a repeated number field, the only kind that can be packed. */
const listTensor = fc
  .constantFrom(...dtypes.filter((dtype) => !["bytes", "string"].includes(valueFields[dtype].encoding)))
  .chain(anyTensorOf);

describe("decodeTensorProto", () => {
  it.each(dtypes)("reads %s as the generated code wrote it", (dtype) => {
    fc.assert(
      fc.property(anyTensorOf(dtype), fc.integer({ min: 0, max: 8 }), (value, by) => {
        const message = toMessage(value.dtype, value.shape, [...value.data]);
        expect(plain(decodeTensorProto(shifted(toBinary(TensorProtoSchema, message), by)))).toEqual(plain(value));
      }),
    );
  });

  it("reads back what encodeTensorProto writes, in both forms", () => {
    fc.assert(
      fc.property(anyTensor, fc.boolean(), fc.integer({ min: 0, max: 8 }), (value, content, by) => {
        expect(plain(decodeTensorProto(shifted(encodeTensorProto(value, { content }), by)))).toEqual(plain(value));
      }),
    );
  });

  it("repeats the last value of a short list, takes zeros for an empty one, and leaves out what is too much", () => {
    fc.assert(
      fc.property(anyShortened, ({ dtype, shape, values }) => {
        const items = itemsPerElement(dtype);
        const wanted = elementCount(shape) * items;
        const none = dtype === "string" ? new Uint8Array() : dtype === "int64" || dtype === "uint64" ? 0n : 0;
        const expected = values.slice(0, wanted);
        while (expected.length < wanted) expected.push(expected.at(-items) ?? none);
        const decoded = decodeTensorProto(toBinary(TensorProtoSchema, toMessage(dtype, shape, values)));
        expect(plain(decoded)).toEqual(plain({ dtype, shape, data: dataOf(dtype, expected) } as Tensor));
      }),
    );
  });

  it("reads lists that are not packed, or come in several pieces, with unknown fields between", () => {
    fc.assert(
      fc.property(listTensor, fc.infiniteStream(fc.boolean()), (value, coins) => {
        const { field, encoding } = valueFields[value.dtype];
        const four = value.dtype === "float32" || value.dtype === "complex64";
        const writer = new BinaryWriter();
        const write = (item: number | bigint) => {
          if (four) writer.float(Number(item));
          else if (encoding === "fixed") writer.double(Number(item));
          else if (value.dtype === "uint64") writer.uint64(item);
          else if (value.dtype === "uint32") writer.uint32(Number(item));
          else writer.int64(item);
        };
        const lone = encoding !== "fixed" ? WireType.Varint : four ? WireType.Bit32 : WireType.Bit64;
        for (const item of value.data as Iterable<number | bigint>) {
          if (coins.next().value) {
            writer.tag(field, WireType.LengthDelimited).fork();
            write(item);
            writer.join();
          } else {
            writer.tag(field, lone);
            write(item);
          }
          if (coins.next().value) writer.tag(99, WireType.LengthDelimited).string("unknown");
          if (coins.next().value)
            writer.tag(98, WireType.StartGroup).tag(1, WireType.Varint).uint32(7).tag(98, WireType.EndGroup);
        }
        // The dtype may come after the values.
        const bytes = Buffer.concat([
          writer.finish(),
          encodeTensorProto({ ...value, data: dataOf(value.dtype, []) } as Tensor),
        ]);
        expect(plain(decodeTensorProto(bytes))).toEqual(plain(value));
      }),
    );
  });

  it("truncates what int_val holds to the element's width, as a cast does", () => {
    const message = head(DataType.DT_UINT8, 2);
    message.intVal = [-1, 257];
    expect(plain(decodeTensorProto(toBinary(TensorProtoSchema, message))).data).toEqual([255, 1]);
  });

  it("views the message where the numbers are aligned and copies them where they are not", () => {
    const bytes = encodeTensorProto({ dtype: "float32", shape: [64], data: new Float32Array(64).fill(1.5) });
    let views = 0;
    for (let by = 0; by < 4; by++) {
      const message = shifted(bytes, by);
      const { data } = decodeTensorProto(message);
      if ((data as Float32Array).buffer === message.buffer) views++;
      expect([...(data as Float32Array)]).toEqual(new Array(64).fill(1.5));
    }
    expect(views).toBe(1);
  });

  it("takes the last of singular fields and joins the pieces of a shape", () => {
    const first = toBinary(TensorProtoSchema, head(DataType.DT_INT32, 2));
    const second = head(DataType.DT_FLOAT, 3);
    second.floatVal = [1];
    const decoded = decodeTensorProto(Buffer.concat([first, toBinary(TensorProtoSchema, second)]));
    expect(plain(decoded)).toEqual({ dtype: "float32", shape: [2, 3], data: [1, 1, 1, 1, 1, 1] });
  });

  it("takes the last float8_val: it is one byte string, not a list", () => {
    const pieces = [
      [1, 2, 3],
      [4, 5],
    ].map((values) => toBinary(TensorProtoSchema, toMessage("float8e5m2", [], values)));
    const shape = toBinary(TensorProtoSchema, head(DataType.DT_FLOAT8_E5M2, 2));
    expect(plain(decodeTensorProto(Buffer.concat([...pieces, shape]))).data).toEqual([4, 5]);
  });

  it("prefers tensor_content to the typed field, where the shape has elements at all", () => {
    const message = head(DataType.DT_INT8, 2);
    message.tensorContent = new Uint8Array([1, 255]);
    message.intVal = [7];
    expect(plain(decodeTensorProto(toBinary(TensorProtoSchema, message))).data).toEqual([1, -1]);
    message.tensorShape = head(DataType.DT_INT8, 2, 0).tensorShape;
    expect(plain(decodeTensorProto(toBinary(TensorProtoSchema, message)))).toMatchObject({ shape: [2, 0], data: [] });
  });

  it("refuses bools in tensor_content that are neither 0 nor 1, as TensorFlow does", () => {
    const message = head(DataType.DT_BOOL, 3);
    message.tensorContent = new Uint8Array([0, 1, 2]);
    expect(refusal(() => decodeTensorProto(toBinary(TensorProtoSchema, message))).message).toMatch(/neither 0 nor 1/);
  });

  it.each([
    ["no dtype", head(DataType.DT_INVALID, 1), /DT_INVALID/],
    ["a resource", head(DataType.DT_RESOURCE, 1), /DT_RESOURCE/],
    ["a dtype from the future", head(4711 as DataType, 1), /4711/],
    ["a negative dimension", head(DataType.DT_FLOAT, 3, -1), /dimension 1 of its shape is negative/],
    ["too many elements to count", head(DataType.DT_FLOAT, 2 ** 40, 2 ** 40), /too many elements/],
    ["too many dimensions", head(DataType.DT_FLOAT, ...new Array(255).fill(1)), /more than 254 dimensions/],
  ])("refuses %s", (_, message, expected) => {
    const error = refusal(() => decodeTensorProto(toBinary(TensorProtoSchema, message)));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toMatch(expected);
  });

  it("refuses a shape of unknown rank", () => {
    const message = create(TensorProtoSchema, { dtype: DataType.DT_FLOAT, tensorShape: { unknownRank: true } });
    expect(refusal(() => decodeTensorProto(toBinary(TensorProtoSchema, message))).message).toMatch(/unknown_rank/);
  });

  it("refuses tensor_content of the wrong length and says both lengths", () => {
    const message = head(DataType.DT_FLOAT, 2, 2);
    message.tensorContent = new Uint8Array(15);
    const error = refusal(() => decodeTensorProto(toBinary(TensorProtoSchema, message)));
    expect(error.message).toBe("a float32 tensor of shape [2,2] takes 16 bytes of tensor_content, got 15");
  });

  it("refuses strings in tensor_content", () => {
    const message = head(DataType.DT_STRING, 1);
    message.tensorContent = new Uint8Array([1, 97]);
    expect(refusal(() => decodeTensorProto(toBinary(TensorProtoSchema, message))).message).toMatch(/string_val/);
  });

  it("fills in no more than the budget, over all tensors that share it", () => {
    const budget = createBudget(1000);
    const bytes = toBinary(TensorProtoSchema, head(DataType.DT_FLOAT, 100));
    expect(decodeTensorProto(bytes, undefined, budget).data).toHaveLength(100);
    expect(decodeTensorProto(bytes, undefined, budget).data).toHaveLength(100);
    expect(refusal(() => decodeTensorProto(bytes, undefined, budget)).message).toMatch(
      /\[100\] takes 100 elements and the message holds 0/,
    );
  });

  it.each(dtypes)("refuses a tiny message that declares a terabyte of %s before it allocates", (dtype) => {
    const bytes = toBinary(TensorProtoSchema, head(dataTypeOf(dtype), 2 ** 20, 2 ** 20));
    expect(refusal(() => decodeTensorProto(bytes)).code).toBe("INVALID_ARGUMENT");
  });

  it("decodes or refuses every beginning of a message, and every message with a byte changed", () => {
    const attempt = (bytes: Uint8Array) => {
      try {
        const decoded = decodeTensorProto(bytes, undefined, createBudget(2 ** 20));
        expect(decoded.data).toHaveLength(elementCount(decoded.shape) * itemsPerElement(decoded.dtype));
      } catch (error) {
        if (!isServingError(error)) throw error;
        expect(error.code).toBe("INVALID_ARGUMENT");
      }
    };
    fc.assert(
      fc.property(anyTensor, fc.boolean(), fc.nat(), fc.nat(255), (value, content, at, byte) => {
        const bytes = encodeTensorProto(value, { content });
        for (let length = 0; length < bytes.length; length++) attempt(bytes.subarray(0, length));
        const changed = Uint8Array.from(bytes);
        changed[at % changed.length] = byte;
        attempt(changed);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), attempt), { numRuns: 2000 });
  });

  it("keeps the bytes of a view", () => {
    const data = new Float64Array([1, -0, Number.POSITIVE_INFINITY]);
    const decoded = decodeTensorProto(encodeTensorProto({ dtype: "float64", shape: [3], data }));
    expect(Buffer.from(bytesOf(decoded.data as Float64Array)).equals(bytesOf(data))).toBe(true);
  });
});
