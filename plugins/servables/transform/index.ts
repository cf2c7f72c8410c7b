import { definePlugin, packageFinding, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "transform",
  factories: [
    servable({
      type: "transform",
      description: "Feature transforms declared in a transform.yaml, with their fitted values.",
      options,
      example: { file: "features.yaml" },
      detect: async (path) => (await import("./files.js")).isTransform(path),
      inspect: async (_host, version, chosen) => (await import("./inspect.js")).inspectTransform(version, chosen),
      create: async (_host, chosen) => {
        const { transformLoader } = await import("./loader.js");
        return (version) => transformLoader(version, chosen);
      },
    }),
  ],
  doctor: async () => [
    await packageFinding({
      name: "sharp",
      gives: "images in transforms",
      install: "npm install sharp",
      load: () => import("sharp"),
    }),
  ],
});
