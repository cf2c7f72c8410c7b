import { definePlugin, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "onnx",
  factories: [
    servable({
      type: "onnx",
      description: "ONNX models, neural networks and ai.onnx.ml alike, on ONNX Runtime.",
      options,
      example: { intraOpThreads: 1, executionProviders: ["cuda", "cpu"] },
      detect: async (path) => (await import("./files.js")).isOnnx(path),
      inspect: async (...asked) => (await import("./inspect.js")).inspectOnnx(...asked),
      create: async (host, chosen) => {
        const { onnxLoader } = await import("./loader.js");
        return (version) => onnxLoader(host, version, chosen);
      },
      attach: async (_, { handle }) => (await import("./loader.js")).attachOnnx(handle),
    }),
  ],
  doctor: async () => (await import("../../runtimes/onnxruntime/index.js")).doctor(),
});
