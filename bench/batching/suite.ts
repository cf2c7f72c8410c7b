import type { Run, Suite } from "../harness/suite.js";
import { costTable } from "./cost.js";
import { measureCurve } from "./curve.js";
import { gainTable } from "./gain.js";

export const batching: Suite = {
  name: "batching",
  question:
    "What does batching bring to requests of one row, what does it cost a lone caller, and which options matter?",
  async run(run: Run) {
    const gain = await gainTable(run);
    const cost = await costTable(run);
    const curve = await measureCurve(run);
    return {
      markdown: [gain.markdown, cost.markdown, curve.markdown].join("\n\n"),
      charts: curve.charts,
      data: { gain: gain.data, cost: cost.data, curve: curve.data },
    };
  },
};
