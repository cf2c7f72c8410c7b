import { Command } from "commander";
import { isConfigError, messageOf } from "../core/index.js";
import { componentsCommand } from "./commands/components.js";
import { convertCommand } from "./commands/convert.js";
import { doctorCommand } from "./commands/doctor.js";
import { explainCommand } from "./commands/explain.js";
import { inspectCommand } from "./commands/inspect.js";
import { printConfigCommand } from "./commands/print-config.js";
import { serveCommand } from "./commands/serve.js";
import { tensorflowCommand } from "./commands/tensorflow.js";
import { transformCommand } from "./commands/transform.js";
import { validateCommand } from "./commands/validate.js";
import { packageVersion } from "./package-version.js";

const description = `Serves TensorFlow SavedModels, ONNX models and your own servables over TensorFlow Serving's REST and gRPC.

A config file says what to serve; see examples/quickstart/salver.config.yaml. [config] is that file or the folder it
is in; without it, salver.config.{yaml,yml,json,ts,js,mjs} or package.json#salver is looked for from here upwards.`;

/** Exit codes: 0 done, 1 something failed, 2 the config or the command line is wrong. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("salver")
    .description(description)
    .version(packageVersion())
    .showSuggestionAfterError()
    .showHelpAfterError("(salver --help explains)")
    // A command may have an option that the program has too, such as --version.
    .enablePositionalOptions()
    .exitOverride();
  serveCommand(program);
  validateCommand(program);
  printConfigCommand(program);
  inspectCommand(program);
  convertCommand(program);
  componentsCommand(program);
  explainCommand(program);
  doctorCommand(program);
  tensorflowCommand(program);
  transformCommand(program);

  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its message already; its own code is 0 for --help and --version.
  if (error instanceof Error && "exitCode" in error && error.name === "CommanderError")
    return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`${isConfigError(error) ? error.message : `salver: ${messageOf(error)}`}\n`);
  return isConfigError(error) ? 2 : 1;
}
