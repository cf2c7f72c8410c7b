import { setImmediate as nextTurn } from "node:timers/promises";
import { bytesOf, failedPrecondition, type Tensor } from "../../../core/index.js";
import { bytes, encodeMessage, type Field, message, packed64, string, varint } from "../../../protos/wire/writer.js";
import { elementTypeOf } from "./element-types.js";

/** An initializer of a model that lies outside of its bytes. Its numbers must not change while a session uses them. */
export type Weight = { readonly name: string; readonly tensor: Exclude<Tensor, { dtype: "string" }> };

/** The weights of one model. */
export type Weights = {
  readonly tensors: readonly Weight[];
  /** Sessions whose weights are of one group share them, and the layouts that the runtime's kernels make of them. */
  readonly group: object;
};

// Field numbers of onnx.proto; fields that a later piece of a message repeats are joined to those before it.
const GRAPH = 7;
const INITIALIZER = 5;
const EXTERNAL = 1;

// One protocol buffer ends at 2 GiB.
const LARGEST = 2 ** 31 - 1;

/** Bytes copied in one turn of the event loop: about a millisecond. */
const PER_TURN = 4 * 2 ** 20;

/** The model with its weights declared, to be brought from elsewhere. A large model is copied over several turns. */
export async function withDeclared(model: Uint8Array, { tensors }: Weights): Promise<Uint8Array> {
  const declared = initializers(tensors, ({ name }) => [
    message(13, [string(1, "location"), string(2, name)]),
    varint(14, EXTERNAL),
  ]);
  const whole = Buffer.allocUnsafeSlow(model.length + declared.length);
  whole.set(declared, model.length);
  for (let at = 0; at < model.length; at += PER_TURN) {
    if (at > 0) await nextTurn();
    whole.set(model.subarray(at, at + PER_TURN), at);
  }
  return whole;
}

/**
 * The model with its weights inside.
 * @throws FAILED_PRECONDITION when that is more than a protocol buffer can hold
 */
export function withEmbedded(model: Uint8Array, { tensors }: Weights): Uint8Array {
  const total = tensors.reduce((sum, { tensor }) => sum + tensor.data.byteLength, model.byteLength);
  if (total > LARGEST - 2 ** 20) {
    throw failedPrecondition(`its weights take ${total} bytes, and this engine holds 2 GiB; set "engine: ffi"`);
  }
  return Buffer.concat([model, initializers(tensors, ({ tensor }) => [bytes(9, bytesOf(tensor.data))])]);
}

/** A piece of a model that adds initializers to its graph. */
function initializers(weights: readonly Weight[], contents: (weight: Weight) => readonly Field[]): Uint8Array {
  const fields = weights.map((weight) => {
    const { name, tensor } = weight;
    const dims = packed64(1, BigInt64Array.from(tensor.shape, BigInt));
    const head = [dims, varint(2, elementTypeOf(tensor.dtype) ?? 0), string(8, name)];
    return message(INITIALIZER, [...head, ...contents(weight)]);
  });
  return encodeMessage([message(GRAPH, fields)]);
}
