import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fitTransform } from "../../plugins/servables/transform/fit/fit.js";
import { median, spreadOf } from "../harness/stats.js";
import type { Run, Suite } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Peer, startPeer } from "./peer.js";
import { speedTable } from "./speed.js";
import { makeTable, specText, type Table } from "./table.js";

/** Fitting, from the file on disk to all values; writes the version that is then served. */
async function fitTable(made: Table, peer: Peer | undefined, { full, progress }: Run) {
  const version = join(made.folder, "features", "1");
  await mkdir(version, { recursive: true });
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < (full ? 5 : 3); round++) {
    progress(`fitting, round ${round + 1}`);
    const start = performance.now();
    const { text } = await fitTransform(
      { name: "transform.yaml", folder: version, text: specText() },
      { csv: made.csv },
    );
    ours.push((made.rows * 1000) / (performance.now() - start));
    await writeFile(join(version, "transform.yaml"), text);
    if (peer) theirs.push((made.rows * 1000) / (await peer.fit(made.csv)));
  }
  const rows = [["fitting from CSV", short(median(ours)), short(median(theirs))]];
  const markdown = `## Fitting\n\n${table(["rows a second", "salver", "scikit-learn"], rows)}`;
  return { path: join(made.folder, "features"), markdown, data: { salver: spreadOf(ours), sklearn: spreadOf(theirs) } };
}

export const transform: Suite = {
  name: "transform",
  question: "How many rows of a table of 40 columns are transformed in a second, beside pandas and scikit-learn?",
  async run(run: Run) {
    await using made = await makeTable(run.full ? 200_000 : 50_000);
    using peer = await startPeer();
    const fit = await fitTable(made, peer, run);
    const speed = await speedTable(made, fit.path, peer, run);
    const what =
      "20 columns imputed and standardized, 6 logged and scaled, 4 in buckets, 8 of towns looked up and one-hot (2 of them in lower " +
      "case and stripped first), weekday and hour of 2 dates. Features are checked against scikit-learn's before anything is timed.";
    const beside = peer ? "" : "\n\nThere was no Python to compare with: `SALVER_TEST_PYTHON` names one.";
    return {
      markdown: `${what}${beside}\n\n${speed.markdown}\n\n${fit.markdown}`,
      charts: {},
      data: { speed: speed.data, fit: fit.data },
    };
  },
};
