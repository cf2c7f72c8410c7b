import { type Call, type Config, createServer, type Plugin, type Server, type Tensors } from "salver";
import { onTestFinished } from "vitest";
import availability from "../../plugins/policies/availability-preserving/index.js";
import grpc from "../../plugins/transports/grpc/index.js";
import rest from "../../plugins/transports/rest/index.js";
import { grpcClient } from "../e2e/support/grpc-client.js";
import { fakePlugin } from "./core-fakes.js";

export type Serving = {
  readonly server: Server;
  readonly fake: ReturnType<typeof fakePlugin>;
  readonly grpc: ReturnType<typeof grpcClient>;
  /** Of the REST transport. */
  readonly url: string;
};

type Setting = {
  readonly plugins?: readonly Plugin[];
  readonly run?: (call: Call) => Promise<Tensors>;
  readonly load?: () => Promise<void>;
  readonly rest?: Readonly<Record<string, unknown>>;
  readonly config?: Partial<Config>;
};

/** A whole server in this process: the fake model `m` with version 1 behind both transports on free ports. */
export async function fakeServing({ plugins = [], run, load, rest: restOptions, config }: Setting): Promise<Serving> {
  const fake = fakePlugin({ ...(run && { run }), ...(load && { load }) });
  const local = { host: "127.0.0.1", port: 0 };
  const server = await createServer(
    {
      models: { m: { source: "scripted", servable: "fake" } },
      transports: [
        { type: "grpc", ...local },
        { type: "rest", ...local, ...restOptions },
      ],
      shutdown: { timeout: "2s" },
      ...config,
    },
    { plugins: [fake.plugin, availability, grpc, rest, ...plugins] },
  );
  onTestFinished(() => server.stop());
  const addresses = await server.start();
  await server.settled;
  const portOf = (protocol: string) => addresses.find((address) => address.protocol === protocol)?.port;
  const client = grpcClient(`127.0.0.1:${portOf("grpc")}`);
  onTestFinished(client.close);
  return { server, fake, grpc: client, url: `http://127.0.0.1:${portOf("rest")}` };
}
