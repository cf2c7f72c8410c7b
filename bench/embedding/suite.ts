import type { Run, Suite } from "../harness/suite.js";
import { nearestTable } from "./nearest.js";
import { hasNumpy } from "./peer.js";
import { loadTable, speedTable } from "./speed.js";
import { makeVectors } from "./vectors.js";

const ROWS = 1_000_000;
const WIDTH = 64;
/** Building a graph of a million takes minutes. */
const FEWER = 100_000;

export const embedding: Suite = {
  name: "embedding",
  question: "How fast is a table of a million vectors loaded, gathered from, combined and searched?",
  async run(run: Run) {
    run.progress(`writing ${ROWS} vectors`);
    await using vectors = await makeVectors(ROWS, WIDTH);
    const numpy = await hasNumpy();
    const load = await loadTable(vectors, numpy, run);
    const speed = await speedTable(vectors, numpy, run);
    await using fewer = run.full ? undefined : await makeVectors(FEWER, WIDTH);
    const nearest = await nearestTable(fewer ?? vectors, numpy, run);
    const beside = numpy
      ? "NumPy's figures are of its own loop in its own process, without any serving: what a program on its own could do."
      : "There was no NumPy to compare with: `SALVER_TEST_PYTHON` names a Python that has it.";
    return {
      markdown: [load.markdown, speed.markdown, nearest.markdown, beside].join("\n\n"),
      charts: {},
      data: { load: load.data, speed: speed.data, nearest: nearest.data },
    };
  },
};
