import { definePlugin, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "embedding",
  factories: [
    servable({
      type: "embedding",
      description: "Vectors by id or key, bags of them combined, and the nearest ones.",
      options,
      example: { unknown: "zero", metric: "dot" },
      detect: async (path) => (await import("./files.js")).isEmbedding(path),
      create: async (host, chosen) => {
        const { embeddingLoader } = await import("./loader.js");
        return (version) => embeddingLoader(host, version, chosen);
      },
    }),
  ],
  doctor: async () => [await (await import("./index/usearch.js")).usearchFinding()],
});
