import { definePlugin, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "savedmodel",
  factories: [
    servable({
      type: "savedmodel",
      description: "TensorFlow SavedModels, lowered to ONNX and run without TensorFlow where every operator allows it.",
      options,
      example: { engine: "auto", tags: ["serve"], onnxruntime: { intraOpThreads: 2 } },
      detect: async (path) => (await import("./files.js")).isSavedModel(path),
      inspect: async (...asked) => (await import("./inspect/inspect.js")).inspectSavedModel(...asked),
      create: async (host, chosen) => {
        const { savedModelLoader } = await import("./loader.js");
        return (version) => savedModelLoader(host, version, chosen);
      },
      attach: async (_, attached) => (await import("./engines/attach.js")).attachSavedModel(attached),
    }),
  ],
  doctor: async () => (await import("../../runtimes/libtensorflow/index.js")).doctor(),
});
