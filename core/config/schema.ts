import { z } from "zod";
import { bytes, duration } from "./units.js";

const reference = z.union([z.string(), z.looseObject({ type: z.string() })]);

const component = (what: string) =>
  z
    .union(reference.options, {
      error: `expected a ${what}: its type, or { type, ...options }`,
    })
    .describe(`A ${what}: its type, or { type, ...options }.`);

const version = z
  .union([z.number().int().nonnegative(), z.string().regex(/^\d+$/)], { error: "expected a version number" })
  .transform((value) => BigInt(value));

const versions = z
  .union(
    [z.literal("all"), z.literal("latest"), z.strictObject({ latest: z.number().int().positive() }), z.array(version)],
    { error: 'expected "latest", { latest: n }, "all" or a list of version numbers' },
  )
  .describe("Which versions to serve: { latest: n }, all, or a list.");

const modelName = z
  .string()
  .regex(/^[^/:]+$/, { error: 'a model\'s name must not be empty and must not contain "/" or ":"' });

export const modelSchema = z.strictObject({
  path: z
    .string()
    .optional()
    .describe("Folder with one numeric folder a version; short for source: { type: filesystem, path }."),
  source: component("source").optional(),
  servable: component("servable").optional().describe("The servable type; found by looking at the files when absent."),
  versions: versions.default({ latest: 1 }),
  policy: component("policy").default("availability-preserving"),
  group: z
    .string()
    .min(1)
    .optional()
    .describe("Models of one group go live together: a version when all of them have loaded it, or none of it."),
  labels: z.record(z.string().min(1), version).default({}).describe("Names for versions, e.g. stable: 3."),
  batching: z
    .union([z.literal(false), z.string(), z.looseObject({ type: z.string().optional() })], {
      error: "expected a batcher's options, its type, or false",
    })
    .optional()
    .describe('How requests are grouped; the type defaults to "shared".'),
  warmup: z
    .union([z.literal(false), reference, z.array(reference)], {
      error: "expected a warm-up's type, { type, ...options }, a list of these, or false",
    })
    .optional()
    .describe('What runs before a version is available, in this order; "tensorflow" unless said, where installed.'),
  requestLog: z
    .union([z.literal(false), z.looseObject({ type: z.string(), samplingRate: z.number().min(0).max(1).default(1) })], {
      error: "expected { type, samplingRate from 0 to 1, ...options } or false",
    })
    .optional()
    .describe("Where answered requests are logged, and which part of them."),
});

export const configSchema = z.strictObject({
  plugins: z.array(z.unknown()).default([]).describe("Plugins: paths of modules, package names, or plugin objects."),
  models: z.record(modelName, modelSchema).describe("The models by name."),
  transports: z
    .array(component("transport"))
    .default([{ type: "grpc" }, { type: "rest" }])
    .describe("Where requests come in."),
  ioThreads: z
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe("Threads that take and answer requests behind the same ports; 1 needs no further thread."),
  loading: z
    .strictObject({
      concurrency: z.number().int().positive().default(4).describe("Loads under way at once."),
      retries: z.number().int().nonnegative().default(2).describe("Attempts after the first."),
      retryInterval: duration().prefault("1s").describe("Time between attempts."),
      retryOn: z
        .enum(["hopeful", "any"])
        .default("hopeful")
        .describe("Failures after which to try again: any, or not FAILED_PRECONDITION and UNIMPLEMENTED."),
      memory: bytes().optional().describe("Limit for the estimated memory of all that is loaded."),
      labels: z
        .enum(["any", "move-to-available", "available"])
        .default("any")
        .describe("Which versions labels may be given to: any, or (at first, or when they move) only loaded ones."),
    })
    .prefault({}),
  limits: z
    .strictObject({
      inFlight: z.number().int().positive().default(10_000).describe("Requests under way at once, over all models."),
    })
    .prefault({}),
  signatures: z
    .strictObject({
      checkMethods: z
        .boolean()
        .default(false)
        .describe("Refuses requests of another kind than the signature's method_name; plain signatures only predict."),
    })
    .prefault({}),
  shutdown: z
    .strictObject({
      delay: duration().prefault("0s").describe("Time between turning not ready and refusing connections."),
      timeout: duration().prefault("30s").describe("Time for what is under way to finish."),
    })
    .prefault({}),
  cache: z
    .strictObject({
      path: z
        .string()
        .min(1)
        .optional()
        .describe("Folder that remote versions are kept in; by default salver/artifacts in the user's cache folder."),
      quota: bytes().optional().describe("The most that it should hold; what serves stays, whatever its size."),
    })
    .prefault({})
    .describe("Where versions from remote sources are kept on this machine."),
  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least that is logged."),
      format: z.enum(["text", "json"]).optional().describe("text on a terminal, json elsewhere, unless said."),
    })
    .prefault({}),
});

/** What a config file may hold. */
export type Config = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;
export type ParsedModel = z.output<typeof modelSchema>;

/** A config with completion and checks in a TypeScript file. */
export const defineConfig = (config: Config): Config => config;
