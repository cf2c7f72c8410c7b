import { definePlugin, requestLog } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "tfrecord-request-log",
  factories: [
    requestLog({
      type: "tfrecord",
      description: "Logs requests to TFRecord files of PredictionLogs, which can be used as warm-up files.",
      options,
      example: { prefix: "logs/requests", maxFileSize: "256MiB", maxFileAge: "24h" },
      create: async (host, chosen) => (await import("./request-log.js")).tfrecordLog(host, chosen),
    }),
  ],
});
