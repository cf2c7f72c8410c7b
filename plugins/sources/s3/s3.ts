import { remoteSource } from "../../../artifacts/remote-source.js";
import type { Host, Source } from "../../../core/index.js";
import { createBucket } from "./bucket.js";
import { createClient } from "./client.js";
import type { S3Options } from "./options.js";
import { s3Place } from "./place.js";

export function s3Source(host: Host, options: S3Options): Source {
  const client = createClient(host, options);
  const source = remoteSource(host, s3Place(host, createBucket(client, options), options), options);
  return {
    watch: source.watch,
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      client.close();
    },
  };
}
