import { parseRetryAfter, withRetryAfter } from "../../../artifacts/retry-after.js";
import { type ErrorCode, isServingError, messageOf, notFound, ServingError, unavailable } from "../../../core/index.js";

/** The parts of what the SDK throws that count here. */
type SdkError = {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly Region?: string;
  /** Of what the system says: ECONNREFUSED. */
  readonly code?: string;
};

/** What was asked for, and of whom. */
export type Asked = {
  /** For people: `list s3://models/ctr/`. */
  readonly what: string;
  readonly bucket: string;
  /** For people. */
  readonly endpoint: string;
  /** The permission that it takes. */
  readonly permission: "s3:ListBucket" | "s3:GetObject";
};

/** Other keys may work: these do not, or not any more. */
const unauthenticated: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidToken",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
  "CredentialsProviderError",
]);

const elsewhere: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "TemporaryRedirect",
]);

const parts = (error: unknown): SdkError => (typeof error === "object" && error !== null ? error : {});

export const isUnauthenticated = (error: unknown): boolean => unauthenticated.has(parts(error).name ?? "");
export const isNotModified = (error: unknown): boolean => parts(error).$metadata?.httpStatusCode === 304;

const remedies: Readonly<Record<string, string>> = {
  ExpiredToken: "the session has expired: put new keys where they are read from",
  ExpiredTokenException: "the session has expired: put new keys where they are read from",
  InvalidAccessKeyId:
    "the access key is unknown there: check credentials.accessKeyId, and that endpoint is the right one",
  SignatureDoesNotMatch: "the secret key is wrong: check credentials.secretAccessKey",
  CredentialsProviderError: "there are no keys: set credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};

function skewOf(date: string | undefined): string {
  const server = Date.parse(date ?? "");
  if (Number.isNaN(server)) return "is not the server's";
  const seconds = Math.round((Date.now() - server) / 1000);
  const amount = Math.abs(seconds) < 120 ? `${Math.abs(seconds)} s` : `${Math.round(Math.abs(seconds) / 60)} min`;
  return `is ${amount} ${seconds < 0 ? "behind" : "ahead of"} the server's`;
}

/** Of the addresses of one name each has its own error. */
function wordsOf(error: unknown): string {
  const each = error instanceof AggregateError ? error.errors.map(messageOf) : [];
  return messageOf(error) || [...new Set(each)].join(", ") || (parts(error).name ?? "");
}

/**
 * What the SDK threw, in the server's words and with what to do about it. Its own error is the cause of what nobody
 * foresaw alone: all that it adds is a stack and headers.
 */
export function asTrouble(error: unknown, { what, bucket, endpoint, permission }: Asked): ServingError {
  if (isServingError(error)) return error;
  const { name = "", $metadata, $response, Region, code: systems } = parts(error);
  const status = $metadata?.httpStatusCode ?? 0;
  const headers = $response?.headers ?? {};
  const said = status > 0 ? `${status} ${name}: ${messageOf(error)}` : messageOf(error);
  const fail = (code: ErrorCode, remedy: string) => new ServingError(code, `cannot ${what}: ${remedy} (${said})`);

  if (name === "RequestTimeTooSkewed") {
    return fail(
      "UNAVAILABLE",
      `this machine's clock ${skewOf(headers.date)}: set it, for signed requests carry the time`,
    );
  }
  if (unauthenticated.has(name)) return fail("UNAUTHENTICATED", remedies[name] ?? "the keys are not accepted");
  if (name === "NoSuchBucket") return notFound(`cannot ${what}: there is no bucket ${bucket} at ${endpoint}`);
  if (elsewhere.has(name) || status === 301 || status === 307) {
    const region = Region ?? headers["x-amz-bucket-region"];
    return fail("FAILED_PRECONDITION", `the bucket is in another region: set region${region ? `: ${region}` : ""}`);
  }
  if (name === "InvalidObjectState") return fail("FAILED_PRECONDITION", "it is archived: restore it first");
  if (status === 404) return fail("NOT_FOUND", "it is not there");
  if (status === 412 || status === 416) return fail("ABORTED", "it is not what it was when it was listed");
  if (status === 401) return fail("UNAUTHENTICATED", "the keys are not accepted");
  if (status === 403) return fail("PERMISSION_DENIED", `the keys must allow ${permission}`);
  if (status === 429 || status >= 500) {
    const busy = fail("UNAVAILABLE", name === "SlowDown" ? "there are too many requests" : "the server has trouble");
    return withRetryAfter(busy, parseRetryAfter(headers["retry-after"], Date.now()));
  }
  if (status >= 400) return fail("INVALID_ARGUMENT", "the server does not take the request");
  if (status > 0)
    return fail("UNAVAILABLE", `what ${endpoint} answers is not S3's protocol: is this the right endpoint?`);
  if (messageOf(error).includes("Region is missing"))
    return fail("FAILED_PRECONDITION", "the bucket's region is not known: set region");
  const foreseen = systems !== undefined;
  return unavailable(`cannot ${what}: ${endpoint} cannot be reached: ${wordsOf(error)}`, foreseen ? undefined : error);
}
