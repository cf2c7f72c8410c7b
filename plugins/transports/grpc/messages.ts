import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { invalidArgument, isServingError, messageOf } from "../../../core/index.js";

/** Runs `decode`; whatever it throws becomes INVALID_ARGUMENT that names the message. */
export function decoding<T>(typeName: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw invalidArgument(`cannot decode ${typeName}: ${messageOf(error)}`, isServingError(error) ? undefined : error);
  }
}

export function decodeMessage<M extends DescMessage>(schema: M, bytes: Uint8Array): MessageShape<M> {
  return decoding(schema.typeName, () => fromBinary(schema, bytes));
}

export function encode<M extends DescMessage>(schema: M, message: MessageShape<M>): Buffer {
  const bytes = toBinary(schema, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
