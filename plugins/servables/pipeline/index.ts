import { definePlugin, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "pipeline",
  factories: [
    servable({
      type: "pipeline",
      description: "A graph of other models that is called as one: its steps are in the config.",
      options,
      example: {
        steps: {
          ids: { model: "words", inputs: { tokens: "request.text" } },
          score: { model: "ctr", label: "stable", inputs: { ids: "ids.ids", bias: { constant: 0.5 } } },
        },
        outputs: { score: "score.score" },
      },
      declared: true,
      uses: ({ steps }) =>
        Object.entries(steps).map(([name, { model, version, label }]) => ({
          model,
          version,
          label,
          at: ["steps", name],
        })),
      check: async (chosen) => (await import("./check.js")).check(chosen),
      create: async (host, chosen) => {
        const { pipelineLoader } = await import("./loader.js");
        return () => pipelineLoader(host, chosen);
      },
    }),
  ],
});
