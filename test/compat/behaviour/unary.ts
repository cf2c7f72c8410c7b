import {
  create,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";

/** Calls any method of a server by its descriptor; an error is thrown as `CODE: text`. */
export function unaryClient(address: string) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
  });
  const call = <D extends DescMethodUnary>(
    method: D,
    request: MessageInitShape<D["input"]>,
    options: grpc.CallOptions = {},
  ): Promise<MessageShape<D["output"]>> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/${method.parent.typeName}/${method.name}`,
        (message: MessageShape<D["input"]>) => Buffer.from(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, bytes) as MessageShape<D["output"]>,
        create(method.input, request as never) as MessageShape<D["input"]>,
        options,
        (error, reply) =>
          error || !reply ? reject(`${grpc.status[error?.code ?? 2]}: ${error?.details}`) : resolve(reply),
      );
    });
  return { call, close: () => client.close() };
}
