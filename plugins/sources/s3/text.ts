import { textOf } from "../../../artifacts/whole-text.js";
import { invalidArgument, type RemoteText } from "../../../core/index.js";
import { createBucket } from "./bucket.js";
import { createClient } from "./client.js";
import { options } from "./options.js";

/**
 * The text of `s3://bucket/key`. An URL has no room for options: server, region and keys come from the environment, by
 * the names that AWS's tools use; a server of one's own is asked with the bucket in the path.
 */
export async function readS3Text(
  url: URL,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<RemoteText | undefined> {
  const { host: bucket, pathname } = url;
  const key = decodeURIComponent(pathname.slice(1));
  if (bucket === "" || key === "") throw invalidArgument(`${url.href}: expected s3://bucket/key`);
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const parsed = options.parse({ bucket, ...(endpoint && { endpoint, forcePathStyle: true }) });
  const client = createClient({ baseDir: process.cwd(), place: (option) => option.join(".") }, parsed);
  try {
    const got = await createBucket(client, parsed).read(key, etag, signal);
    return got && { text: textOf(got.bytes, url.href), etag: got.etag };
  } finally {
    client.close();
  }
}
