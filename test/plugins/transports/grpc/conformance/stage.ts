import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import type { Host, RunOptions, Tensors, Transport } from "../../../../../core/index.js";
import { fakeHost } from "../../../../../core/testing/index.js";
import { grpc } from "../../../../../plugins/transports/grpc/index.js";

import { until } from "../../../../support/core-fakes.js";
import { type FakeFrontend, fakeFrontend } from "../fake-frontend.js";
import type { Engine } from "./engines.js";

export type Stage = {
  readonly frontend: FakeFrontend;
  readonly transport: Transport;
  readonly port: number;
  /** A channel of its own, closed with the test. */
  channel(options?: ChannelOptions, as?: ChannelCredentials, address?: string): Channel;
};

export type Channel = {
  readonly client: Client;
  /** Sends bytes and gets bytes. @throws ServiceError */
  bytes(path: string, request: Uint8Array, options?: CallOptions, metadata?: Metadata): Promise<Buffer>;
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethod & { readonly input: I; readonly output: O },
    request: MessageInitShape<I>,
    options?: CallOptions,
    metadata?: Metadata,
  ): Promise<MessageShape<O>>;
};

const pass = (bytes: Buffer) => bytes;

export const pathOf = ({ parent, name }: DescMethod) => `/${parent.typeName}/${name}`;

export function openChannel(address: string, as = credentials.createInsecure(), options: ChannelOptions = {}): Channel {
  const client = new Client(address, as, {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    // Channels of one test share no connection unless it says so.
    "grpc.use_local_subchannel_pool": 1,
    ...options,
  });
  onTestFinished(() => client.close());
  const bytes: Channel["bytes"] = (path, request, options = {}, metadata = new Metadata()) =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
      client.makeUnaryRequest(path, pass, pass, body, metadata, options, (error, response) =>
        error ? reject(error) : resolve(response!),
      );
    });
  return {
    client,
    bytes,
    unary: async (method, request, options, metadata) => {
      const body = toBinary(method.input, create(method.input, request));
      return fromBinary(method.output, await bytes(pathOf(method), body, options, metadata));
    },
  };
}

/** The transport of an engine on a free port before a fake frontend; it ends with the test. */
export async function serve(
  engine: Engine,
  chosen: Readonly<Record<string, unknown>> = {},
  host: Partial<Host> = {},
): Promise<Stage> {
  const frontend = fakeFrontend();

  const transport = await grpc.create(
    fakeHost(host),
    grpc.options.parse({ host: "127.0.0.1", port: 0, engine, ...chosen }),
  );
  onTestFinished(() => transport[Symbol.asyncDispose]());
  const { port } = await transport.listen(frontend);
  return {
    frontend,
    transport,
    port,
    channel: (options, as, address = `127.0.0.1:${port}`) => openChannel(address, as, options),
  };
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<ServiceError> {
  const outcome = await call.then(
    () => "the call succeeded",
    (error: ServiceError) => error,
  );
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome;
}

/** Waits until every lease has been given back. */
export const leasesGone = (frontend: FakeFrontend) => until(() => frontend.open === 0, "the leases to be given back");

/** A run that stands still until the test lets it go on. */
export type HeldRun = {
  readonly inputs: Tensors;
  readonly options: RunOptions;
  answer(outputs?: Tensors): void;
  fail(error: unknown): void;
};

/** Holds every run of the model; `next` gives them in the order in which they begin. */
export function holdRuns(frontend: FakeFrontend): { readonly runs: readonly HeldRun[]; next(): Promise<HeldRun> } {
  const runs: HeldRun[] = [];
  const waiting: ((run: HeldRun) => void)[] = [];
  const unseen: HeldRun[] = [];
  frontend.predict = (_signature, inputs, options) =>
    new Promise((resolve, reject) => {
      const run: HeldRun = { inputs, options, answer: (outputs = inputs) => resolve(outputs), fail: reject };
      runs.push(run);
      const taker = waiting.shift();
      if (taker) taker(run);
      else unseen.push(run);
    });
  return {
    runs,
    next: () => {
      const run = unseen.shift();
      return run ? Promise.resolve(run) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
