import { type Command, InvalidArgumentError } from "commander";
import { advise } from "../explain/advice.js";
import { fetchBatches } from "../explain/fetch-batches.js";
import { fetchUnreachable } from "../explain/fetch-versions.js";
import { report } from "../explain/report.js";
import { summarize } from "../explain/summary.js";

const help = `
Asks a running server for the last batches of a model: why they closed, how full they were, where the time goes, and
which option of the model's \`batching\` to turn. Versions that cannot be reached come first, with the reason.
Exit codes: 0 explained, 1 no server, no such model, or a model that is not batched.`;

export function explainCommand(program: Command): void {
  program
    .command("explain")
    .description("say how a running server groups the requests for a model, and what to change")
    .argument("<model>", "the model's name")
    .option("--url <url>", "the server's REST address", address, "http://127.0.0.1:8501")
    .option("--json", "as JSON")
    .addHelpText("after", help)
    .action(explain);
}

function address(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("Expected a URL such as http://127.0.0.1:8501.");
  }
  return text;
}

async function explain(model: string, { url, json }: { readonly url: string; readonly json?: boolean }): Promise<void> {
  const unreachable = await fetchUnreachable(url, model);
  if (!json && unreachable.length > 0) process.stdout.write(`${unreachable.join("\n")}\n\n`);
  const { batches, refused } = await fetchBatches(url, model);
  const summaries = summarize(batches);
  if (!json) {
    process.stdout.write(`${report(model, summaries, batches, refused)}\n`);
    return;
  }
  const advised = summaries.map((summary) => ({ ...summary, advice: advise(summary) }));
  process.stdout.write(`${JSON.stringify({ model, unreachable, summaries: advised, batches, refused }, null, 2)}\n`);
}
