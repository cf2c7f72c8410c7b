import { definePlugin, warmup } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "tensorflow-warmup",
  factories: [
    warmup({
      type: "tensorflow",
      description: "Runs the requests that a version brings along, as TensorFlow Serving does.",
      options,
      example: { iterations: 3, threads: 2 },
      create: async (_host, chosen) => (await import("./warmup.js")).tensorFlowWarmup(chosen),
    }),
  ],
});
