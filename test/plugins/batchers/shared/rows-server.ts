import {
  type Address,
  type BatchEndEvent,
  type BatchEvent,
  createServer,
  definePlugin,
  provide,
  type Server,
  servable,
  silentTelemetry,
  TelemetryToken,
} from "salver";
import { type FakeClock, fakeClock } from "salver/testing";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type RowModel, rowModel } from "../../../../core/testing/row-model.js";
import shared from "../../../../plugins/batchers/shared/index.js";
import availability from "../../../../plugins/policies/availability-preserving/index.js";
import grpc from "../../../../plugins/transports/grpc/index.js";
import rest from "../../../../plugins/transports/rest/index.js";
import { fakePlugin } from "../../../support/core-fakes.js";
import { settle } from "./support.js";

export type RowsServer = {
  readonly server: Server;
  readonly clock: FakeClock;
  /** Ports by protocol. */
  readonly ports: Readonly<Record<string, number>>;
  /** The row model of each version that was loaded, in the order of the loads: a version may come again. */
  readonly models: readonly { readonly version: bigint; readonly model: RowModel }[];
  /** What the telemetry was told. */
  readonly told: { readonly started: readonly BatchEvent[]; readonly ended: readonly BatchEndEvent[] };
  publish(...versions: readonly bigint[]): void;
  /** Lets turns and time pass until `done`. @throws when it does not come to be */
  until(done: () => boolean, what: string): Promise<void>;
  stop(): Promise<void>;
};

let pools = 0;

/** The model `m`, of rows, behind the real batcher, manager and frontend on a clock that stands still. */
export async function startRows(
  batching: Readonly<Record<string, unknown>>,
  transports: readonly { readonly type: string; readonly [option: string]: unknown }[] = [],
): Promise<RowsServer> {
  const clock = fakeClock();
  const models: { version: bigint; model: RowModel }[] = [];
  const fake = fakePlugin();
  const rows = definePlugin({
    name: "rows",
    factories: [
      servable({
        type: "rows",
        description: "For tests.",
        options: z.strictObject({}),
        example: {},
        create:
          () =>
          ({ version }) => ({
            estimate: async () => ({ memory: 0 }),
            load: async () => {
              const model = rowModel();
              models.push({ version, model });
              return model;
            },
          }),
      }),
    ],
  });
  const told = { started: [] as BatchEvent[], ended: [] as BatchEndEvent[] };
  const listening = definePlugin({
    name: "listening",
    factories: [],
    providers: [
      provide(TelemetryToken, () => ({
        ...silentTelemetry,
        batchStarted: (event) => void told.started.push(event),
        batchEnded: (event) => void told.ended.push(event),
      })),
    ],
  });
  const source = { type: "scripted", start: [1] };
  const m = { source, servable: "rows", warmup: false as const, batching: { pool: `rows-${++pools}`, ...batching } };
  const plugins = [fake.plugin, rows, listening, shared, availability, grpc, rest];
  const server = await createServer({ models: { m }, transports: [...transports] }, { plugins, clock });
  const addresses: readonly Address[] = await server.start();
  await server.settled;

  async function until(done: () => boolean, what: string): Promise<void> {
    for (let round = 0; round < 100; round++) {
      for (let turn = 0; turn < 6; turn++) {
        if (done()) return;
        await settle();
      }
      clock.advance(2 ** (round / 4));
    }
    throw new Error(`waited in vain for ${what}`);
  }

  async function stop(): Promise<void> {
    // Connections close in real time, and what they asked for has been answered.
    if (transports.length > 0) return server.stop();
    let stopped = false;
    const stopping = server.stop().then(() => {
      stopped = true;
    });
    await until(() => stopped, "the server to stop");
    await stopping;
  }

  return {
    server,
    clock,
    models,
    told,
    ports: Object.fromEntries(addresses.map(({ protocol, port }) => [protocol, port])),
    publish: (...versions) => fake.sources.get("m")?.publish(...versions),
    until,
    stop,
  };
}

/** As `startRows`, and stopped when the test ends. */
export async function serveRows(...parts: Parameters<typeof startRows>): Promise<RowsServer> {
  const started = await startRows(...parts);
  onTestFinished(() => {
    for (const { model } of started.models) model.release();
    return started.stop();
  });
  return started;
}
