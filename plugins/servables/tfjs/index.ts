import { definePlugin, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "tfjs",
  factories: [
    servable({
      type: "tfjs",
      description: "TensorFlow.js graph and layers models, in worker threads.",
      options,
      example: { backend: "wasm", threads: 2 },
      detect: async (path) => (await import("./files/find.js")).isTfjs(path),
      create: async (host, chosen) => {
        const { tfjsLoader } = await import("./loader.js");
        return (version) => tfjsLoader(host, version, chosen);
      },
    }),
  ],
  doctor: async () => (await import("./doctor.js")).doctor(),
});
