import { definePlugin, warmup } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "synthetic-warmup",
  factories: [
    warmup({
      type: "synthetic",
      description: "Runs every signature on made-up inputs.",
      options,
      example: { batchSizes: [1, 32], fill: "ones" },
      create: async (host, chosen) => (await import("./warmup.js")).syntheticWarmup(host, chosen),
    }),
  ],
});
