import { fileURLToPath } from "node:url";
import { createServer, LazyCaller, type Lease, silentLogger, type Tensors } from "salver";
import { builtins } from "salver/plugins";

/** A folder of versions among the quickstart's. */
export const quickstartModel = (name: string): string =>
  fileURLToPath(new URL(`../../examples/quickstart/models/${name}`, import.meta.url));

export type ModelConfig = { readonly path: string; readonly servable?: object; readonly batching?: object | false };

/** A model in this process. */
export type OpenModel = AsyncDisposable & {
  readonly lease: Lease;
  /** As a transport sees it, without a transport. */
  run(inputs: Tensors): Promise<Tensors>;
};

/** @throws when it does not load */
export async function openModel(config: ModelConfig): Promise<OpenModel> {
  const { batching = false, ...model } = config;
  const models = { bench: { ...model, batching } };
  const server = await createServer(
    { models, transports: [], loading: { retries: 0 } } as Parameters<typeof createServer>[0],
    { plugins: builtins, log: silentLogger },
  );
  await server.start();
  await server.settled;
  const [status] = server.frontend.status({ name: "bench" });
  if (status?.state !== "AVAILABLE") throw new Error(`${config.path} did not load: ${status?.message ?? "no version"}`);
  const lease = server.frontend.lease({ name: "bench" });
  return {
    lease,
    // A caller each, as every transport has.
    run: async (inputs) => lease.predict("", inputs, new LazyCaller()),
    [Symbol.asyncDispose]: async () => {
      lease[Symbol.dispose]();
      await server.stop();
    },
  };
}
