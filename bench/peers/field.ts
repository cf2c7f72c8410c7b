import { messageOf } from "salver";
import { requireH2load } from "../harness/h2load.js";
import { grpcEngines, type SalverSettings, startSalver } from "../harness/salver-service.js";
import type { Service } from "../harness/service.js";
import type { Skipped } from "../harness/tools.js";
import { type Network, networks } from "../models/catalogue.js";
import { cppOnnxruntime, cppTensorflow } from "./cpp.js";
import { fastifyOnnxruntime } from "./fastify.js";
import type { Peer } from "./peer.js";
import { fastapiOnnxruntime, pythonTensorflow } from "./python.js";

export const allPeers: readonly Peer[] = [
  cppOnnxruntime,
  cppTensorflow,
  pythonTensorflow,
  fastifyOnnxruntime,
  fastapiOnnxruntime,
];

/** Salver as it comes, on the networks as ONNX; other gRPC engines than the default, and TensorFlow, by their names. */
export const SALVER = "Salver";
export const SALVER_TENSORFLOW = "Salver, libtensorflow";
/** What Salver on TensorFlow calls a network that it batches. */
export const batched = (network: string) => `${network}_batched`;

/** Everything that is compared, all of it running. */
export type Field = AsyncDisposable & {
  readonly networks: readonly Network[];
  readonly services: ReadonlyMap<string, Service>;
  /** Why those are not there that are not; those that fail later are added. */
  readonly skipped: Map<string, string>;
};

const BATCHING = { maxBatchSize: 64 };

function salvers(all: readonly Network[], everyEngine: boolean): readonly SalverSettings[] {
  const onnx = Object.fromEntries(all.map(({ name, onnx: path }) => [name, { path }]));
  const servable = { type: "savedmodel", engine: "libtensorflow", libtensorflow: { intraOpThreads: 1 } };
  const tensorflow = Object.fromEntries(
    all.flatMap(({ name, savedModel: path }) => [
      [name, { path, servable }],
      [batched(name), { path, servable, batching: BATCHING }],
    ]),
  );
  const others = everyEngine ? grpcEngines().slice(0, -1) : [];
  return [
    ...others.map((grpcEngine) => ({ name: `${SALVER}, ${grpcEngine}`, models: onnx, grpcEngine })),
    { name: SALVER, models: onnx },
    { name: SALVER_TENSORFLOW, models: tensorflow },
  ];
}

type FieldSettings = {
  readonly peers: readonly Peer[];
  /** Whether Salver comes with each of its gRPC engines, or with its own only. */
  readonly everyEngine: boolean;
  readonly progress: (what: string) => void;
};

/** @throws when Salver itself cannot be started, or there is nothing to load it with */
export async function openField({ peers, everyEngine, progress }: FieldSettings): Promise<Field> {
  await requireH2load();
  const services = new Map<string, Service>();
  const skipped = new Map<string, string>();
  const close = async () => {
    await Promise.all([...services.values()].map((service) => service[Symbol.asyncDispose]()));
  };
  const open = async (name: string, start: () => Promise<Service | Skipped>) => {
    progress(`starting ${name}`);
    const result = await start();
    if ("skipped" in result) {
      progress(`skipped ${name}: ${result.skipped}`);
      skipped.set(name, result.skipped);
    } else services.set(name, result);
  };
  try {
    const all = await networks();
    for (const settings of salvers(all, everyEngine)) {
      const optional = settings.name === SALVER_TENSORFLOW;
      await open(settings.name, () => (optional ? orSkipped(startSalver(settings)) : startSalver(settings)));
    }
    for (const peer of peers) await open(peer.name, () => orSkipped(peer.start(all)));
    return { networks: all, services, skipped, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

const orSkipped = (starting: Promise<Service | Skipped>): Promise<Service | Skipped> =>
  starting.catch((error) => ({ skipped: `it does not start: ${messageOf(error).slice(0, 1500)}` }));

/** A paragraph that names what is not compared, and why; empty where all are. */
export function skippedText({ skipped }: Field): string {
  const lines = [...skipped].map(([name, reason]) => `- ${name}: ${reason.replaceAll("\n", " ")}`);
  return lines.length === 0 ? "" : `Skipped:\n\n${lines.join("\n")}`;
}
