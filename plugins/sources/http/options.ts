import { z } from "zod";
import { bytes, duration } from "../../../core/index.js";

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how an option names a variable
const readLater = "${env:NAME} and ${file:path} are read when they are needed";

const httpUrl = (what: string) => z.url({ protocol: /^https?$/, error: `expected the http(s) URL of ${what}` });

/** Of what is no URL, that has been said. */
const hasNoUser = (url: string) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === "");

export const options = z.strictObject({
  url: httpUrl("a versions.json or of a directory index, such as https://models.example.com/ctr/")
    .refine(hasNoUser, {
      error: "a user and a password do not belong into a URL, which is logged: use headers or token",
    })
    .describe("URL of a manifest, versions.json, or of a directory index as nginx and Apache make it."),
  poll: duration()
    .prefault("60s")
    .describe("Time between two looks, a tenth more or less; 0s looks at the start only."),
  recheck: duration()
    .prefault("10m")
    .describe("Time between two looks into the folder of a version that is offered already, of a directory index."),
  settle: z
    .number()
    .int()
    .min(1)
    .max(100)
    .prefault(2)
    .describe("How many looks in a row must find a version unchanged before it is offered, of a directory index."),
  marker: z
    .string()
    .regex(/^[^/\\]+$/, { error: "expected the name of one file, without a slash" })
    .optional()
    .describe(
      "Name of a file, such as _SUCCESS, that is put into a version's folder last: without it the version is not offered.",
    ),
  allow: z
    .array(
      z.string().regex(/^[^/\s@]+$/, { error: "expected a host, such as cdn.example.com or cdn.example.com:8443" }),
    )
    .prefault([])
    .describe("Hosts that redirects and URLs in a manifest may lead to, besides the URL's own."),
  allowPrivate: z
    .boolean()
    .prefault(false)
    .describe("Whether hosts of allow may have loopback, link-local and private addresses."),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "expected the name of a header" }), z.string())
    .prefault({})
    .describe(`Headers for the URL's own host, and for no other; ${readLater}.`),
  token: z
    .string()
    .min(1)
    .optional()
    .describe(`Token for the URL's own host, sent as "Authorization: Bearer"; ${readLater}.`),
  proxy: z
    .union([httpUrl("a proxy"), z.literal(false)])
    .optional()
    .describe("URL of a proxy, or false for none; from HTTP_PROXY, HTTPS_PROXY and NO_PROXY when absent."),
  ca: z
    .string()
    .min(1)
    .optional()
    .describe("Certificates of authorities to trust besides the well-known ones: PEM text, or the path of a PEM file."),
  timeout: duration()
    .prefault("30s")
    .describe("Longest time without an answer, and without a byte in the middle of one."),
  minRate: bytes()
    .prefault("1KB")
    .describe("Fewest bytes a second, on average over the timeout, that an answer may come with."),
  signature: z
    .strictObject({
      keys: z
        .array(z.string().min(1))
        .min(1)
        .describe(`Ed25519 public keys, each PEM text or the base64 of its 32 bytes; ${readLater}.`),
    })
    .optional()
    .describe("Takes only a manifest that one of these keys has signed, in a file beside it with .sig after its name."),
});

export type HttpOptions = z.infer<typeof options>;
