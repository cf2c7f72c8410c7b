import type { Command } from "commander";

const help = `
Without --from: through pip where Python has it, else the C library that TensorFlow publishes. The library goes to
Salver's own cache in the user's cache folder; nothing else on the machine changes. \`salver doctor\` shows the result.`;

export function tensorflowCommand(program: Command): void {
  program
    .command("tensorflow")
    .description("libtensorflow, which runs the SavedModels that do not lower to ONNX")
    .command("install")
    .description("fetch libtensorflow into Salver's cache")
    .option("--from <source>", "a wheel, .tar.gz, .zip, folder or URL to take it from")
    .addHelpText("after", help)
    .action(async ({ from }: { from?: string }) => {
      const { installLibrary } = await import("../../plugins/runtimes/libtensorflow/index.js");
      const log = (line: string) => process.stderr.write(`${line}\n`);
      const { version, path } = await installLibrary({ ...(from === undefined ? {} : { from }), log });
      process.stdout.write(`libtensorflow ${version} is ready: ${path}\n`);
    });
}
