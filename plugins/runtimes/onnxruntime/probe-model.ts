import { encodeMessage, message, string, varint } from "../../../protos/wire/writer.js";

const FLOAT = 1;

/**
 * The smallest model that shows whether an engine works, as an ONNX ModelProto (field numbers of onnx.proto): float x[n],
 * y = Neg(Abs(x)).
 */
export function probeModel(): Uint8Array {
  const tensor = (field: number, name: string) => {
    const shape = message(2, [message(1, [string(2, "n")])]);
    return message(field, [string(1, name), message(2, [message(1, [varint(1, FLOAT), shape])])]);
  };
  const node = (op: string, input: string, output: string) =>
    message(1, [string(1, input), string(2, output), string(4, op)]);
  const graph = [node("Abs", "x", "a"), node("Neg", "a", "y"), string(2, "probe"), tensor(11, "x"), tensor(12, "y")];
  return encodeMessage([varint(1, 8), message(7, graph), message(8, [string(1, ""), varint(2, 13)])]);
}
