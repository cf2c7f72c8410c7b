import { definePlugin, policy } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "availability-preserving",
  factories: [
    policy({
      type: "availability-preserving",
      description: "Loads a new version before it unloads the old one, so that some version answers at any time.",
      options,
      example: {},
      create: async () => (await import("./policy.js")).availabilityPreserving,
    }),
  ],
});
