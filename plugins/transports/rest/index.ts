import { checkTls, definePlugin, transport } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "rest",
  factories: [
    transport({
      type: "rest",
      description: "TensorFlow Serving's REST API over HTTP/1.1, with /healthz and /readyz.",
      options,
      example: { port: 8501, maxBodySize: "64MB", timeout: "30s" },
      check: (settings, host) => checkTls(settings.tls, host.baseDir),
      create: async (host, settings) => (await import("./transport.js")).createRestTransport(host, settings),
    }),
  ],
});
