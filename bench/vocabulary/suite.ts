import type { Run, Suite } from "../harness/suite.js";
import { loadTable } from "./load.js";
import { peersHere } from "./peer.js";
import { speedTable } from "./speed.js";
import { makeWords } from "./words.js";

const SIZE = 5_000_000;

export const vocabulary: Suite = {
  name: "vocabulary",
  question: "How fast is a vocabulary of five million tokens loaded and asked, and what does a token take in memory?",
  async run(run: Run) {
    run.progress(`writing ${SIZE} tokens`);
    await using words = await makeWords(SIZE);
    const peers = await peersHere();
    const load = await loadTable(words, peers, run);
    const speed = await speedTable(words, peers, run);
    const beside =
      peers.length > 0
        ? "`dict` is Python's, from the lines of the file; `tf.lookup` is TensorFlow's StaticHashTable."
        : "There was no Python to compare with: `SALVER_TEST_PYTHON` names one.";
    return {
      markdown: `${load.markdown}\n\n${speed.markdown}\n\n${beside}`,
      charts: {},
      data: { load: load.data, speed: speed.data },
    };
  },
};
