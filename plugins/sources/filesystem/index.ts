import { definePlugin, source } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "filesystem",
  factories: [
    source({
      type: "filesystem",
      description: "Finds versions in a local or mounted folder, and single models.",
      options,
      example: { path: "./models/mnist", poll: "1s" },
      check: async (options, host) => (await import("./filesystem.js")).checkPath(options, host),
      create: async (host, options) => (await import("./filesystem.js")).filesystemSource(host, options),
    }),
  ],
});
