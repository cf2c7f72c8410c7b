import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Host, Transport } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { options } from "../../../../plugins/transports/grpc/options.js";
import { createGrpcTransport } from "../../../../plugins/transports/grpc/transport.js";
import { type FakeFrontend, fakeFrontend } from "./fake-frontend.js";

const pass = (bytes: Buffer) => bytes;

export type Stage = AsyncDisposable & {
  readonly frontend: FakeFrontend;
  readonly transport: Transport;
  readonly client: Client;
  readonly port: number;
  /** Sends `request` as it is. @throws ServiceError */
  raw(path: string, request: Uint8Array, callOptions?: CallOptions, metadata?: Metadata): Promise<Buffer>;
  /** A client as generic tools have it: the generated messages and the service's descriptor. */
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    callOptions?: CallOptions,
    metadata?: Metadata,
  ): Promise<MessageShape<O>>;
  serverStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
  ): ClientReadableStream<MessageShape<O>>;
};

/** A gRPC transport on a free port before a fake frontend, and a client of it. */
export async function start(chosen: Readonly<Record<string, unknown>> = {}, host: Partial<Host> = {}): Promise<Stage> {
  const frontend = fakeFrontend();
  const transport = createGrpcTransport(fakeHost(host), options.parse({ host: "127.0.0.1", port: 0, ...chosen }));
  const { port } = await transport.listen(frontend);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const raw: Stage["raw"] = (path, request, callOptions = {}, metadata = new Metadata()) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, pass, pass, Buffer.from(request), metadata, callOptions, (error, response) => {
        if (error) reject(error);
        else resolve(response!);
      });
    });
  const pathOf = (method: { readonly parent: { readonly typeName: string }; readonly name: string }) =>
    `/${method.parent.typeName}/${method.name}`;
  return {
    frontend,
    transport,
    client,
    port,
    raw,
    unary: async (method, request, callOptions, metadata) => {
      const bytes = toBinary(method.input, create(method.input, request));
      return fromBinary(method.output, await raw(pathOf(method), bytes, callOptions, metadata));
    },
    serverStream: (method, request) =>
      client.makeServerStreamRequest(
        pathOf(method),
        pass,
        (bytes) => fromBinary(method.output, bytes),
        Buffer.from(toBinary(method.input, create(method.input, request))),
      ),
    [Symbol.asyncDispose]: async () => {
      client.close();
      await transport[Symbol.asyncDispose]();
    },
  };
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error("the call succeeded");
}
