import {
  type Call,
  type Config,
  createServer,
  definePlugin,
  type Frontend,
  type Signature,
  servable,
  type Tensors,
} from "salver";
import { onTestFinished } from "vitest";
import { z } from "zod";
import availability from "../../plugins/policies/availability-preserving/index.js";
import grpc from "../../plugins/transports/grpc/index.js";
import rest from "../../plugins/transports/rest/index.js";
import { grpcClient } from "../e2e/support/grpc-client.js";
import { fakePlugin } from "./core-fakes.js";

export type ExampleModel = {
  readonly signatures: Readonly<Record<string, Signature>>;
  run(call: Call): Tensors | Promise<Tensors>;
};

export type ExampleServing = {
  readonly frontend: Frontend;
  readonly grpc: ReturnType<typeof grpcClient>;
  /** Of the REST transport. */
  readonly url: string;
  /** Every run so far. */
  readonly calls: readonly Call[];
};

/** A whole server in this process: `model` as version 3 of `m`, behind both transports on free ports. */
export async function serveExamples(model: ExampleModel, config: Partial<Config> = {}): Promise<ExampleServing> {
  const calls: Call[] = [];
  const plugin = definePlugin({
    name: "example-model",
    factories: [
      servable({
        type: "example-model",
        description: "For tests.",
        options: z.strictObject({}),
        example: {},
        create: () => () => ({
          estimate: async () => ({ memory: 0 }),
          load: async () => ({
            engine: "fake",
            signatures: model.signatures,
            run: async (call) => {
              calls.push(call);
              return model.run(call);
            },
            [Symbol.asyncDispose]: async () => {},
          }),
        }),
      }),
    ],
  });
  const local = { host: "127.0.0.1", port: 0 };
  const server = await createServer(
    {
      models: { m: { source: { type: "scripted", start: [3] }, servable: "example-model" } },
      transports: [
        { type: "grpc", ...local },
        { type: "rest", ...local },
      ],
      shutdown: { timeout: "2s" },
      ...config,
    },
    { plugins: [fakePlugin().plugin, availability, grpc, rest, plugin] },
  );
  onTestFinished(() => server.stop());
  const addresses = await server.start();
  await server.settled;
  const portOf = (protocol: string) => addresses.find((address) => address.protocol === protocol)?.port;
  const client = grpcClient(`127.0.0.1:${portOf("grpc")}`);
  onTestFinished(client.close);
  return { frontend: server.frontend, grpc: client, url: `http://127.0.0.1:${portOf("rest")}`, calls };
}
