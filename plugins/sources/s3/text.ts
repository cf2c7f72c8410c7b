import type { Readable } from "node:stream";
import { wholeText } from "../../../artifacts/whole-text.js";
import { invalidArgument, type RemoteText } from "../../../core/index.js";
import { bytesOf } from "./body.js";
import { createClient } from "./client.js";
import { options } from "./options.js";
import { type Asked, asTrouble, isNotModified } from "./trouble.js";

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
  const what = `s3://${bucket}/${key}`;
  const asked: Asked = { what: `read ${what}`, bucket, endpoint: endpoint ?? "AWS", permission: "s3:GetObject" };
  const client = createClient({ baseDir: process.cwd(), place: (option) => option.join(".") }, parsed);
  try {
    const got = await client.send(
      asked,
      (s3, sdk, abortSignal) =>
        s3.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, IfNoneMatch: etag }), { abortSignal }),
      signal,
      isNotModified,
    );
    const explain = (error: unknown) => asTrouble(error, asked);
    const bytes = bytesOf(got.Body as Readable, { idle: parsed.timeout, signal, explain });
    return { text: await wholeText(bytes, what), etag: got.ETag };
  } catch (error) {
    if (isNotModified(error)) return undefined;
    throw error;
  } finally {
    client.close();
  }
}
