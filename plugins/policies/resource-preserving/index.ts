import { definePlugin, policy } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "resource-preserving",
  factories: [
    policy({
      type: "resource-preserving",
      description: "Unloads the old version before it loads a new one, so that both are never in memory together.",
      options,
      example: {},
      create: async () => (await import("./policy.js")).resourcePreserving,
    }),
  ],
});
