import { definePlugin, packageFinding, servable } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "vocabulary",
  factories: [
    servable({
      type: "vocabulary",
      description: "Tokens to ids and back by a table, or texts to ids by a Hugging Face tokenizer.json.",
      options,
      example: { oovBuckets: 10 },
      detect: async (path) => (await import("./files.js")).isVocabulary(path),
      create: async (host, chosen) => {
        const { vocabularyLoader } = await import("./loader.js");
        return (version) => vocabularyLoader(host, version, chosen);
      },
    }),
  ],
  doctor: async () => [
    await packageFinding({
      name: "@huggingface/tokenizers",
      gives: "tokenizer.json, here and in transforms",
      install: "npm install @huggingface/tokenizers",
      load: () => import("@huggingface/tokenizers"),
    }),
  ],
});
