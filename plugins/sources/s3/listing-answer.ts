import { Buffer } from "node:buffer";
import type { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { shown } from "../../../artifacts/archives/refusal.js";
import { wholeBytes } from "../../../artifacts/whole-text.js";
import { unavailable } from "../../../core/index.js";
import type { Asked } from "./trouble.js";

/** What the SDK knows of an answer before it reads the body. */
type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array> | Uint8Array;
};

const opening = /^\ufeff?\s*(?:<\?xml[^>]*>)?\s*<(?:\w+:)?ListBucketResult[\s>]/;
const closing = /<\/(?:\w+:)?ListBucketResult\s*>\s*$/;

/** @throws UNAVAILABLE for what is no listing, or not all of one */
function check(bytes: Uint8Array, type: string | undefined, { what, endpoint }: Asked): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  if (!opening.test(text)) {
    const came = text === "" ? "nothing" : shown(text.slice(0, 100));
    throw unavailable(
      `cannot ${what}: what ${endpoint} answers is no listing of S3's: ${came}, of the type ${type ?? "(none)"}. ` +
        "Is this the right endpoint, and nothing between that wants a login?",
    );
  }
  if (!closing.test(text)) throw unavailable(`cannot ${what}: the listing breaks off after ${bytes.length} bytes`);
}

/**
 * Has an answer judged before the SDK reads it: that takes any page, such as one to log in, for a listing of nothing,
 * and nothing would end all versions.
 */
export function mustBeListing(command: ListObjectsV2Command, asked: Asked): ListObjectsV2Command {
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const answer = result.response as Answer;
      if (answer.statusCode === 200 && !(answer.body instanceof Uint8Array)) {
        const bytes = await wholeBytes(answer.body, `the listing of ${asked.bucket}`);
        check(bytes, answer.headers["content-type"], asked);
        answer.body = bytes;
      }
      return result;
    },
    { step: "deserialize", priority: "low", name: "mustBeListing" },
  );
  return command;
}
