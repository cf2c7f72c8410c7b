import type { Run, Suite } from "../harness/suite.js";
import { nearestTable } from "./nearest.js";
import { hasNumpy } from "./peer.js";
import { loadTable, speedTable } from "./speed.js";
import { makeVectors } from "./vectors.js";

const ROWS = 1_000_000;
const WIDTH = 64;
/** A graph takes 0.2 ms a row and core to build: minutes for a million. */
const FEWER = 20_000;

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
      ? "Each request asks for other rows than the one before, on both sides: answered out of the nearest cache, the same rows again and again, NumPy's loop takes a third to a seventh of the time. NumPy's figures are of its own loop in its own process, without any serving: what a program on its own could do. NumPy's and those of one caller alone are by the fastest tenth of the requests, which other processes on the machine held up least; the others are what all callers got."
      : "There was no NumPy to compare with: `SALVER_TEST_PYTHON` names a Python that has it.";
    return {
      markdown: [load.markdown, speed.markdown, nearest.markdown, beside].join("\n\n"),
      charts: {},
      data: { load: load.data, speed: speed.data, nearest: nearest.data },
    };
  },
};
