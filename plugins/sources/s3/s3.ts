import { remoteSource } from "../../../artifacts/remote-source.js";
import type { Host, Source } from "../../../core/index.js";
import { createBucket } from "./bucket.js";
import { createClient } from "./client.js";
import { manifestPlace } from "./manifest-place.js";
import type { S3Options } from "./options.js";
import { s3Place } from "./place.js";

export function s3Source(host: Host, options: S3Options): Source {
  const client = createClient(host, options);
  const bucket = createBucket(client, options);
  const { manifest } = options;
  const place = manifest ? manifestPlace(host, bucket, { ...options, manifest }) : s3Place(host, bucket, options);
  const source = remoteSource(host, place, options);
  return {
    watch: source.watch,
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      client.close();
    },
  };
}
