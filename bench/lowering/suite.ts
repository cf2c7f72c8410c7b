import type { Run, Suite } from "../harness/suite.js";
import { loadTable } from "./load.js";
import { missing } from "./models.js";
import { speedTable } from "./speed.js";

export const lowering: Suite = {
  name: "lowering",
  question: "How does a SavedModel lowered to ONNX compare with the same SavedModel on TensorFlow itself?",
  async run(run: Run) {
    const speed = await speedTable(run);
    const load = await loadTable(run);
    const absent = missing.length > 0 ? `\n\nNot measured, since it has not been made: ${missing.join("; ")}.` : "";
    return {
      markdown: `${speed.markdown}\n\n${load.markdown}${absent}`,
      charts: {},
      data: { speed: speed.data, load: load.data },
    };
  },
};
