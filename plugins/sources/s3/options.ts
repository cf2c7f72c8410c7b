import { z } from "zod";
import { duration } from "../../../core/index.js";

const secret = (what: string) =>
  z.string().min(1).describe(`${what}; \${env:NAME} and \${file:path} are read when they are needed.`);

const objectName = z
  .string()
  .regex(/^[^/\\]+$/, { error: "expected the name of one object, without a slash" })
  .refine((name) => name !== "." && name !== "..", { error: "expected the name of an object" });

const fields = z.strictObject({
  bucket: z
    .string()
    .regex(/^[^/\s]+$/, { error: "expected the name of a bucket; what comes after it is the prefix" })
    .describe("Bucket that the versions are in."),
  prefix: z
    .string()
    .prefault("")
    .describe("What the keys of the model begin with, such as ctr/: its versions are the numeric names after it."),
  endpoint: z
    .url({ protocol: /^https?$/, error: "expected an URL such as https://s3.example.com:9000" })
    .optional()
    .describe("URL of a server that speaks S3's protocol; AWS itself when absent."),
  region: z
    .string()
    .min(1)
    .optional()
    .describe("Region of the bucket; from AWS_REGION or AWS's config files when absent; with an endpoint, us-east-1."),
  forcePathStyle: z
    .boolean()
    .prefault(false)
    .describe("Whether the bucket is named in the path and not in the host; most servers but AWS need it."),
  credentials: z
    .strictObject({
      accessKeyId: secret("Access key"),
      secretAccessKey: secret("Secret key that goes with it"),
      sessionToken: secret("Session token, with temporary keys").optional(),
    })
    .optional()
    .describe("Keys to sign requests with; found as AWS's tools find them when absent."),
  poll: duration()
    .prefault("60s")
    .describe("Time between two looks, a tenth more or less; 0s looks at the start only."),
  recheck: duration()
    .prefault("10m")
    .describe("Time between two listings of the objects of a version that is offered already."),
  settle: z
    .number()
    .int()
    .min(1)
    .max(100)
    .prefault(2)
    .describe(
      "How many looks in a row must find a version unchanged before it is offered, where nothing completes it.",
    ),
  marker: objectName
    .optional()
    .describe(
      "Name of an object, such as _SUCCESS, that is put into a version last: a version without it is not offered.",
    ),
  manifest: objectName
    .optional()
    .describe(
      "Name of an object after the prefix, such as versions.json, that names the versions; nothing is listed then.",
    ),
  signature: z
    .strictObject({
      keys: z
        .array(secret("Ed25519 public key, PEM text or the base64 of its 32 bytes"))
        .min(1)
        .describe("Public keys, any of which may have signed."),
    })
    .optional()
    .describe(
      "Takes only a manifest that one of these keys has signed, in an object beside it with .sig after its name.",
    ),
  timeout: duration()
    .prefault("30s")
    .describe("Longest time without an answer, and without a byte in the middle of one."),
});

/** What says nothing about a version would be taken for a safeguard. */
export const options = fields
  .refine(({ manifest, marker }) => manifest === undefined || marker === undefined, {
    path: ["marker"],
    error: "a manifest says which versions are complete: leave the marker out",
  })
  .refine(({ manifest, signature }) => manifest !== undefined || signature === undefined, {
    path: ["signature"],
    error: "it is the manifest that is signed: set manifest, such as versions.json",
  });

export type S3Options = z.infer<typeof options>;
