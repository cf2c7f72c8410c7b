import { type Command, InvalidArgumentError } from "commander";
import {
  ConfigError,
  createRegistry,
  type Inspection,
  inspectLoaded,
  notFound,
  prepareConfig,
  type Registry,
  type ServableFactory,
} from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { bareHost } from "../bare-host.js";
import { type Located, locateModel } from "../locate-model.js";
import { inspectionData, inspectionText } from "../output/inspection.js";
import { readConfig } from "../read-config.js";

const help = `
<model> is the folder of a version, a folder of numeric versions (the newest is taken), or a model's file.

For SavedModels it says which engine would run each signature and, where one does not lower to ONNX, which operators
stand in the way and where in the graph they are.

Examples:
  $ salver inspect models/mnist
  $ salver inspect models/mnist --version 1 --signature serving_default
  $ salver inspect model.onnx --json

Exit codes: 0 all well, 1 the model is broken or not there, 2 the command line is wrong.`;

type Flags = {
  readonly type?: string;
  readonly version?: bigint;
  readonly tags?: readonly string[];
  readonly signature?: string;
  readonly config?: string;
  readonly json?: boolean;
};

/** For `--version`. */
export function versionNumber(text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError("Expected a number such as 3.");
  return BigInt(text);
}

/** For `--tags`. */
export const tagList = (text: string): string[] => text.split(",").map((tag) => tag.trim());

export function inspectCommand(program: Command): void {
  program
    .command("inspect")
    .description("say what is in a model: signatures, engines, operators, sizes")
    .argument("<model>", "folder of a version or of versions, or a model's file")
    .option("--type <type>", "servable type; by default the one that knows the files")
    .option("--version <number>", "version in a folder of versions; default: the newest", versionNumber)
    .option("--tags <tags>", "tags of the graph in a SavedModel, separated by commas; default: serve", tagList)
    .option("--signature <name>", "only this signature")
    .option("--config <config>", "know the servable types of this config's plugins too")
    .option("--json", "as JSON")
    .addHelpText("after", help)
    .action(inspect);
}

const commandLine = (message: string) => new ConfigError([{ path: [], message }], "salver inspect");

function factoryOf(registry: Registry, type: string | undefined): ServableFactory | undefined {
  if (type === undefined) return undefined;
  const factory = registry.find("servable", type);
  if (!factory) throw commandLine(`--type: ${registry.unknown("servable", type)}`);
  return factory;
}

/** The options of the type, of which the command line gives few. */
function optionsOf({ type, options }: ServableFactory, { tags }: Flags): unknown {
  const parsed = options.safeParse(tags ? { tags } : {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") throw commandLine(`--tags: models of type ${type} have no tags`);
  throw commandLine(`models of type ${type} need options: ${issue?.path.join(".")}: ${issue?.message}`);
}

async function inspectionOf({ factory, version }: Located, options: unknown, registry: Registry): Promise<Inspection> {
  const host = bareHost(registry.plugins, version.model);
  const { signal } = new AbortController();
  if (factory.inspect) return factory.inspect(host, version, options, signal);
  return inspectLoaded((await factory.create(host, options))(version), signal);
}

function only(inspection: Inspection, signature: string | undefined): Inspection {
  if (signature === undefined) return inspection;
  const found = inspection.signatures[signature];
  const there = Object.keys(inspection.signatures).map((name) => `"${name}"`);
  if (!found) throw notFound(`the model has no signature "${signature}"; it has ${there.join(", ")}`);
  return { ...inspection, signatures: { [signature]: found } };
}

async function inspect(path: string, flags: Flags): Promise<void> {
  const { type, version, signature, config, json } = flags;
  const registry =
    config === undefined
      ? createRegistry(builtins)
      : (await prepareConfig(await readConfig(config), builtins)).registry;
  const located = await locateModel({ path, version, factory: factoryOf(registry, type) }, registry.list("servable"));
  const inspection = only(await inspectionOf(located, optionsOf(located.factory, flags), registry), signature);
  const what = { path: located.version.path, type: located.factory.type, version: located.version.version };
  process.stdout.write(
    json ? `${JSON.stringify(inspectionData(what, inspection), null, 2)}\n` : inspectionText(what, inspection),
  );
}
