import { batcher, definePlugin } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "shared-batcher",
  factories: [
    batcher({
      type: "shared",
      description: "Groups concurrent requests as TensorFlow Serving does; all models share its threads.",
      options,
      example: { maxBatchSize: 64, timeout: "2ms", threads: 2, allowedBatchSizes: [1, 8, 64] },
      check: async (chosen) => (await import("./rules.js")).problemsOf(chosen),
      create: async (host, chosen) => (await import("./batcher.js")).sharedBatcher(host, chosen),
    }),
  ],
});
