import type { Run, Suite } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { cases } from "./case.js";
import { formsEndToEnd } from "./end-to-end.js";
import { jsonRaces } from "./json.js";
import { protobufRaces } from "./protobuf.js";
import { type Raced, race } from "./race.js";

const OURS = "Salver";

/** A row for each race: microseconds, and how many times as long as ours the others take. */
function raceTable(raced: readonly Raced[]): string {
  const names = [...new Set(raced.flatMap(({ us }) => Object.keys(us)))];
  const header = ["what", "of", ...names.map((name) => `${name}, us`)];
  const cell = ({ us }: Raced, name: string) => {
    const own = us[OURS]!.median;
    const value = us[name]?.median;
    if (value === undefined) return "–";
    return name === OURS ? short(value) : `${short(value)} (${(value / own).toFixed(2)}x)`;
  };
  return table(
    header,
    raced.map((each) => [each.what, each.size, ...names.map((name) => cell(each, name))]),
  );
}

export const codecs: Suite = {
  name: "codecs",
  question: "How fast are requests read and answers written, beside what else there is for it?",
  async run(run: Run) {
    // A codec needs no long rounds: nothing else happens in them.
    const pace = { ...run.pace, milliseconds: run.pace.milliseconds / 5 };
    const raceAll = async (races: readonly Parameters<typeof race>[0][]) => {
      const raced: Raced[] = [];
      for (const each of races) {
        run.progress(`${each.what}, ${each.size}`);
        raced.push(await race(each, pace));
      }
      return raced;
    };
    const protobuf = await raceAll(cases.flatMap(protobufRaces));
    const json = await raceAll(cases.flatMap(jsonRaces));
    const forms = await formsEndToEnd(run);
    return {
      markdown: `## Protocol buffers\n\n${raceTable(protobuf)}\n\n## JSON\n\n${raceTable(json)}\n\n## The two forms end to end\n\n${forms.markdown}`,
      charts: {},
      data: { protobuf, json, forms: forms.data },
    };
  },
};
