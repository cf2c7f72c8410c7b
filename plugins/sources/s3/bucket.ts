import type { Readable } from "node:stream";
import type { GetObjectCommandInput, GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { wholeBytes } from "../../../artifacts/whole-text.js";
import { type Fetched, unavailable } from "../../../core/index.js";
import { bytesOf } from "./body.js";
import type { Client } from "./client.js";
import { mustBeListing } from "./listing-answer.js";
import type { S3Options } from "./options.js";
import { type Asked, asTrouble, isNotModified } from "./trouble.js";

export type StoredObject = { readonly key: string; readonly size: number; readonly etag: string | undefined };

export type Listing = {
  readonly objects: readonly StoredObject[];
  /** With `folders`, what keys have in common up to the next slash after the prefix. */
  readonly folders: readonly string[];
  /** How many requests it took. */
  readonly pages: number;
};

/** What is asked of one bucket. All of it throws ServingErrors, and what `signal` aborts with. */
export interface Bucket {
  /** Of objects, or of folders, no more than one page beyond `most`. */
  list(prefix: string, folders: boolean, most: number, signal: AbortSignal): Promise<Listing>;
  /** The bytes from `offset` on of the object that has `etag` still. */
  get(key: string, etag: string | undefined, offset: number, signal: AbortSignal): Promise<Fetched>;
  /** All of a small object; `undefined` when it has `etag` still. */
  read(key: string, etag: string | undefined, signal: AbortSignal): Promise<Small | undefined>;
}

export type Small = { readonly bytes: Uint8Array; readonly etag: string | undefined };

/** Some servers leave the quotes out in one place and not in another. */
const quoted = (etag: string | undefined) => etag && (/^(W\/)?"/.test(etag) ? etag : `"${etag}"`);

/** As forms encode: only so can keys with any characters pass through XML. */
function decoded(text: string, encoding: string | undefined): string {
  if (encoding !== "url") return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function offsetOf({ ContentRange }: GetObjectCommandOutput): { offset: number; size: number | undefined } {
  const [, begin, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(ContentRange ?? "") ?? [];
  return { offset: Number(begin ?? 0), size: size === undefined || size === "*" ? undefined : Number(size) };
}

export function createBucket(client: Client, { bucket, endpoint, timeout }: S3Options): Bucket {
  const server = endpoint ?? "AWS";
  const asked = (verb: string, key: string, permission: Asked["permission"]): Asked => ({
    what: `${verb} s3://${bucket}/${key}`,
    bucket,
    endpoint: server,
    permission,
  });

  async function* pages(prefix: string, folders: boolean, signal: AbortSignal) {
    const what = asked("list", prefix, "s3:ListBucket");
    let token: string | undefined;
    do {
      const page = await client.send(
        what,
        (s3, sdk, abortSignal) =>
          s3.send(
            mustBeListing(
              new sdk.ListObjectsV2Command({
                Bucket: bucket,
                Prefix: prefix,
                EncodingType: "url",
                ...(folders && { Delimiter: "/" }),
                ...(token !== undefined && { ContinuationToken: token }),
              }),
              what,
            ),
            { abortSignal },
          ),
        signal,
      );
      if (page.IsTruncated && !page.NextContinuationToken) {
        throw unavailable(`cannot ${what.what}: ${server} says that there is more, and not how to go on`);
      }
      yield page;
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async function fetch(verb: string, key: string, how: Partial<GetObjectCommandInput>, signal: AbortSignal) {
    const what = asked(verb, key, "s3:GetObject");
    const isUnchanged = (error: unknown) => how.IfNoneMatch !== undefined && isNotModified(error);
    const got = await client.send(
      what,
      (s3, sdk, abortSignal) =>
        s3.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...how }), { abortSignal }),
      signal,
      isUnchanged,
    );
    const explain = (error: unknown) => asTrouble(error, what);
    return { got, bytes: bytesOf(got.Body as Readable, { idle: timeout, signal, explain }) };
  }

  return {
    async list(prefix, withFolders, most, signal) {
      const objects: StoredObject[] = [];
      const folders: string[] = [];
      let count = 0;
      for await (const { Contents = [], CommonPrefixes = [], EncodingType } of pages(prefix, withFolders, signal)) {
        count++;
        for (const { Key = "", Size = 0, ETag } of Contents) {
          objects.push({ key: decoded(Key, EncodingType), size: Size, etag: quoted(ETag) });
        }
        for (const each of CommonPrefixes) folders.push(decoded(each.Prefix ?? "", EncodingType));
        if (objects.length + folders.length > most) break;
      }
      return { objects, folders, pages: count };
    },

    async get(key, etag, offset, signal) {
      const range = offset > 0 && { Range: `bytes=${offset}-` };
      const { got, bytes } = await fetch(
        "fetch",
        key,
        { ...(etag !== undefined && { IfMatch: etag }), ...range },
        signal,
      );
      const { offset: begin, size } = offsetOf(got);
      return {
        offset: begin,
        size: size ?? (begin === 0 ? got.ContentLength : undefined),
        etag: quoted(got.ETag),
        bytes,
      };
    },

    async read(key, etag, signal) {
      try {
        const { got, bytes } = await fetch("read", key, etag === undefined ? {} : { IfNoneMatch: etag }, signal);
        return { bytes: await wholeBytes(bytes, `s3://${bucket}/${key}`), etag: quoted(got.ETag) };
      } catch (error) {
        if (isNotModified(error)) return undefined;
        throw error;
      }
    },
  };
}
