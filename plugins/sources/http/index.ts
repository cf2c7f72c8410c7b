import { definePlugin, source } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "http",
  texts: [
    {
      schemes: ["http", "https"],
      read: async (url, etag, signal) => (await import("./text.js")).readHttpText(url, etag, signal),
    },
  ],
  factories: [
    source({
      type: "http",
      description: "Finds versions by a manifest or a directory index on a web server.",
      options,
      example: {
        url: "https://models.example.com/ctr/versions.json",
        poll: "60s",
        allow: ["cdn.example.com"],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how an option names a variable
        token: "${env:MODELS_TOKEN}",
        signature: { keys: ["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="] },
      },
      check: async (options, host) => (await import("./check.js")).checkHttp(options, host),
      create: async (host, options) => (await import("./http.js")).httpSource(host, options),
    }),
  ],
});
