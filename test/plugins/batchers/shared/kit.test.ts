import { describeBatcher, fakeHost } from "salver/testing";
import { describe, test } from "vitest";
import { sharedBatcher } from "../../../../plugins/batchers/shared/batcher.js";
import { options } from "../../../../plugins/batchers/shared/options.js";

let pools = 0;
const room = { maxEnqueuedBatches: 100 };

for (const [name, chosen] of Object.entries<Readonly<Record<string, unknown>>>({
  "with a thread": { threads: 1 },
  "with threads and a timeout": { threads: 3, timeout: "3ms", maxBatchSize: 8 },
  "with a timeout of hours": { threads: 2, timeout: "2h", maxBatchSize: 6 },
  "that pads its batches": { threads: 1, maxBatchSize: 8, allowedBatchSizes: [1, 2, 8], timeout: "1ms" },
  "that splits": { threads: 2, enableLargeBatchSplitting: true, maxExecutionBatchSize: 3, timeout: "1ms" },
  "that splits and pads": {
    threads: 1,
    enableLargeBatchSplitting: true,
    maxExecutionBatchSize: 3,
    allowedBatchSizes: [3],
  },
  "with a latency target": { threads: 1, latencyTarget: "5ms", maxBatchSize: 16 },
  "that shares what is identical": { threads: 1, shareIdenticalRequests: true, timeout: "1ms" },
  "that keeps low priority apart": { threads: 1, lowPriority: { policy: "isolate", timeout: "4ms" } },
  "of batches of one request": { threads: 2, maxBatchSize: 4, timeout: "1ms" },
})) {
  describeBatcher({ describe, test }, `shared ${name}`, {
    open: (clock) => sharedBatcher(fakeHost({ clock }), options.parse({ ...room, ...chosen, pool: `kit-${++pools}` })),
  });
}

describeBatcher({ describe, test }, "shared that pads inputs", {
  open: (clock) =>
    sharedBatcher(
      fakeHost({ clock }),
      options.parse({ ...room, threads: 1, padVariableLengthInputs: true, pool: `kit-${++pools}` }),
    ),
  exempt: { unequalShapes: "answers of inputs that were padded keep the padded lengths, as TensorFlow Serving's do" },
});
