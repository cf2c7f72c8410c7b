import { definePlugin, source } from "../../../core/index.js";
import { options } from "./options.js";

export default definePlugin({
  name: "s3",
  texts: [
    { schemes: ["s3"], read: async (url, etag, signal) => (await import("./text.js")).readS3Text(url, etag, signal) },
  ],
  factories: [
    source({
      type: "s3",
      description: "Finds versions in a bucket of S3, or of a server that speaks its protocol.",
      options,
      example: {
        bucket: "models",
        prefix: "ctr/",
        endpoint: "http://127.0.0.1:9000",
        region: "us-east-1",
        forcePathStyle: true,
        poll: "60s",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how an option names a variable
        credentials: { accessKeyId: "${env:S3_KEY}", secretAccessKey: "${file:secrets/s3}" },
        marker: "_SUCCESS",
      },
      check: async () => (await import("./sdk.js")).checkSdk(),
      create: async (host, options) => (await import("./s3.js")).s3Source(host, options),
    }),
  ],
});
