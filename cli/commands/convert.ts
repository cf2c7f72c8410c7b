import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { createRegistry, failedPrecondition } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { locateModel } from "../locate-model.js";
import { bytesText } from "../output/text.js";
import { packageVersion } from "../package-version.js";
import { tagList, versionNumber } from "./inspect.js";

const help = `
Writes one signature of a SavedModel as a standard ONNX file, which any ONNX runtime loads: inputs and outputs have the
signature's names, types and shapes. Weights of more than 2 GiB lie in <out.onnx>.data beside it. What needs steps outside
of ONNX, such as the parsing of strings, is refused with the list of them. The file appears when it is complete.

Examples:
  $ salver convert models/mnist mnist.onnx
  $ salver convert models/mnist/1 mnist.onnx --signature serving_default --force

Exit codes: 0 written, 1 it cannot be converted, 2 the command line is wrong.`;

type Flags = {
  readonly signature?: string;
  readonly tags: readonly string[];
  readonly version?: bigint;
  readonly externalData?: boolean;
  readonly force?: boolean;
};

export function convertCommand(program: Command): void {
  program
    .command("convert")
    .description("write a SavedModel as an ONNX file")
    .argument("<saved_model>", "folder of a version or of versions")
    .argument("<out.onnx>", "file to write")
    .option("--signature <name>", "signature to write; default: serving_default, else the only one")
    .option("--tags <tags>", "tags of the graph, separated by commas", tagList, ["serve"])
    .option("--version <number>", "version in a folder of versions; default: the newest", versionNumber)
    .option("--external-data", "weights in a data file beside the model, however small")
    .option("--force", "replace files that are there")
    .addHelpText("after", help)
    .action(convert);
}

/** Aborted by the first SIGINT, so that nothing half written stays behind. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}

async function convert(path: string, out: string, flags: Flags): Promise<void> {
  const { signature, tags, version, externalData = false, force = false } = flags;
  const registry = createRegistry(builtins);
  const located = await locateModel({ path, version }, registry.list("servable"));
  if (located.factory.type !== "savedmodel") {
    throw failedPrecondition(`${path} is of type ${located.factory.type}; only SavedModels are converted`);
  }
  const { convertSavedModel } = await import("../../plugins/servables/savedmodel/convert/index.js");
  const converted = await convertSavedModel(
    {
      dir: located.version.path,
      tags,
      out,
      externalData,
      force,
      producerVersion: packageVersion(),
      ...(signature === undefined ? {} : { signature }),
    },
    interruptible(),
  );
  const sizes = await Promise.all(
    converted.files.map(async (file) => `${basename(file)} (${bytesText((await stat(file)).size)})`),
  );
  const { signature: name, nodes, opset, notes } = converted;
  const lines = [`${sizes.join(" and ")}: signature ${name}, ${nodes} nodes, opset ${opset}`, ...notes];
  process.stdout.write(`${lines.join("\n")}\n`);
}
