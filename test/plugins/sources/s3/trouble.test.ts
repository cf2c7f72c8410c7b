import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeHost } from "salver/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { retryAfterOf } from "../../../../artifacts/retry-after.js";
import { type Bucket, createBucket } from "../../../../plugins/sources/s3/bucket.js";
import { type Client, createClient } from "../../../../plugins/sources/s3/client.js";
import { options } from "../../../../plugins/sources/s3/options.js";
import { asTrouble } from "../../../../plugins/sources/s3/trouble.js";
import {
  answered,
  cutBeforeAnswer,
  drip,
  type Fault,
  type FaultProxy,
  faultProxy,
  pass,
  silence,
  truncated,
} from "../../../support/fault-proxy/index.js";
import { errorBody, keys, startServer, type TestBucket, type TestServer } from "./server.js";

let server: TestServer;
let proxy: FaultProxy;
let stored: TestBucket;
let client: Client;

beforeAll(async () => {
  server = await startServer();
  proxy = await faultProxy(server.url);
  stored = server.bucket();
  await stored.put("ctr/3/a", "content of a");
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => proxy.clear());
afterEach(() => {
  vi.unstubAllEnvs();
  client.close();
});

function bucket(written: Record<string, unknown> = {}): Bucket {
  const parsed = options.parse({
    bucket: stored.name,
    endpoint: proxy.url,
    forcePathStyle: true,
    credentials: { ...keys },
    ...written,
  });
  client = createClient(fakeHost(), parsed);
  return createBucket(client, parsed);
}

const { signal } = new AbortController();
const list = (written?: Record<string, unknown>) => bucket(written).list("ctr/", true, 10, signal);
const get = (etag?: string, offset = 0) => bucket().get("ctr/3/a", etag, offset, signal);
async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

describe("what a server says is told with its code and a remedy", () => {
  test.each<[code: string, status: number, string, RegExp]>([
    ["SlowDown", 503, "UNAVAILABLE", /cannot list s3:.*: there are too many requests \(503 SlowDown: no\)/],
    ["ServiceUnavailable", 503, "UNAVAILABLE", /the server has trouble/],
    ["InternalError", 500, "UNAVAILABLE", /the server has trouble \(500 InternalError/],
    ["TooManyRequests", 429, "UNAVAILABLE", /429/],
    ["ExpiredToken", 400, "UNAUTHENTICATED", /expired: put new keys where they are read from/],
    ["InvalidAccessKeyId", 403, "UNAUTHENTICATED", /unknown there: check credentials.accessKeyId/],
    ["SignatureDoesNotMatch", 403, "UNAUTHENTICATED", /check credentials.secretAccessKey/],
    ["AccessDenied", 403, "PERMISSION_DENIED", /must allow s3:ListBucket/],
    ["NoSuchBucket", 404, "NOT_FOUND", /there is no bucket models-\d+ at http/],
    ["AuthorizationHeaderMalformed", 400, "FAILED_PRECONDITION", /another region: set region: eu-west-3/],
    ["InvalidArgument", 400, "INVALID_ARGUMENT", /does not take the request/],
  ])("%s (%i) is %s", async (code, status, expected, message) => {
    const body = errorBody(code, "no", "<Region>eu-west-3</Region>");
    proxy.plan(answered(status, {}, body), { times: 2 });
    expect(await failureOf(list())).toMatchObject({ code: expected, message: expect.stringMatching(message) });
  });

  test("Retry-After is noted", async () => {
    proxy.plan(answered(503, { "retry-after": "17" }, errorBody("SlowDown")));
    expect(retryAfterOf(await failureOf(list()))).toBe(17_000);
  });

  test.each([
    ["text/html", "<html><p>log in</html>"],
    ["text/html", "<html>Login please"],
    ["text/html", "<html>Login please</html>"],
    ["application/json", "{}"],
    ["application/xml", "<ListAllMyBucketsResult></ListAllMyBucketsResult>"],
    ["application/xml", ""],
  ])("what is no listing is not read as one of nothing: %s %j", async (type, text) => {
    proxy.plan(answered(200, { "content-type": type }, text));
    const came = text === "" ? "nothing" : `"${text}"`;
    expect(await failureOf(list())).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(`no listing of S3's: ${came}, of the type ${type}. Is this the right endpoint`),
    });
  });

  test("a listing that breaks off is not read as a shorter one", async () => {
    const text = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key></Contents>";
    proxy.plan(answered(200, {}, text));
    expect(await failureOf(list())).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/breaks off after 83 bytes/),
    });
    proxy.plan(answered(200, {}, `<?xml version="1.0"?>\n${text}</ListBucketResult>\n`));
    expect((await list()).objects).toHaveLength(1);
  });

  test("a 304 that nobody asked for is no answer", async () => {
    proxy.plan(answered(304));
    expect(await failureOf(bucket().read("ctr/3/a", undefined, signal))).toMatchObject({ name: "ServingError" });
    const { etag } = await get();
    expect(await bucket().read("ctr/3/a", etag, signal)).toBeUndefined();
  });

  test("a bucket that redirects to its region", async () => {
    proxy.plan(answered(301, { "x-amz-bucket-region": "eu-west-1" }, errorBody("PermanentRedirect")));
    expect(await failureOf(list())).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/set region: eu-west-1/),
    });
  });

  test("a region that nobody knows", async () => {
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_CONFIG_FILE", "no-such-file");
    expect(await failureOf(list({ endpoint: undefined }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/region is not known: set region/),
    });
  });

  test("an object that is archived, gone, or other than it was", async () => {
    proxy.plan(answered(403, {}, errorBody("InvalidObjectState")));
    expect(await failureOf(get())).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/archived/),
    });
    expect(await failureOf(bucket().get("ctr/3/none", undefined, 0, signal))).toMatchObject({ code: "NOT_FOUND" });
    expect(await failureOf(get('"other"'))).toMatchObject({
      code: "ABORTED",
      message: expect.stringMatching(/not what it was/),
    });
    expect(await failureOf(get(undefined, 1000))).toMatchObject({ code: "ABORTED" });
  });
});

test("ordinary troubles carry no stack of the SDK's, others do", async () => {
  const causes: unknown[] = [];
  const look = async () => causes.push(((await failureOf(list())) as Error).cause);
  proxy.plan(answered(404, {}, errorBody("NoSuchBucket")));
  await look();
  proxy.plan(answered(503, {}, errorBody("SlowDown")));
  await look();
  proxy.plan(cutBeforeAnswer);
  await look();
  await proxy.goDown();
  await look();
  await proxy.comeUp();
  expect(causes).toEqual([undefined, undefined, undefined, undefined]);
  const asked = { what: "list s3://b/", bucket: "b", endpoint: "AWS", permission: "s3:ListBucket" } as const;
  const defect = new TypeError("a defect");
  expect(asTrouble(defect, asked).cause).toBe(defect);
  const both = new AggregateError([new Error("connect ECONNREFUSED ::1"), new Error("connect ECONNREFUSED 127.0.0.1")]);
  expect(asTrouble(both, asked).message).toMatch(/reached: connect ECONNREFUSED ::1, connect ECONNREFUSED 127/);
});

describe("what the way there does", () => {
  test("refused and cut connections", async () => {
    proxy.plan(cutBeforeAnswer);
    expect(await failureOf(list())).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/cannot list .* cannot be reached/),
    });
    await proxy.goDown();
    expect(await failureOf(list())).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/ECONNREFUSED/),
    });
    await proxy.comeUp();
  });

  test("silence, before an answer and in the middle of one", async () => {
    proxy.plan(silence);
    expect(await failureOf(list({ timeout: "50ms" }))).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/no answer came within 0.05 s/),
    });
    const stuck: Fault = async ({ response }) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("some");
    };
    proxy.plan(stuck);
    const { bytes } = await bucket({ timeout: "500ms" }).get("ctr/3/a", undefined, 0, signal);
    expect(await failureOf(textOf(bytes))).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/nothing came for 0.5 s/),
    });
  });

  test("bytes that come slowly may take longer than the timeout in all", async () => {
    proxy.plan(drip(1, 110));
    const { bytes } = await bucket({ timeout: "1s" }).get("ctr/3/a", undefined, 0, signal);
    expect(await textOf(bytes)).toBe("content of a");
  });

  test("a body that ends too early", async () => {
    proxy.plan(truncated(4));
    expect(await failureOf(textOf((await get()).bytes))).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/cannot fetch s3:/),
    });
  });

  test("who aborts, gets the reason, before and in the middle of the bytes", async () => {
    const end = new AbortController();
    proxy.plan(silence);
    const before = proxy.requests.length;
    const listing = bucket().list("", true, 1, end.signal);
    await expect.poll(() => proxy.requests.length).toBeGreaterThan(before);
    end.abort(new Error("enough"));
    expect(await failureOf(listing)).toMatchObject({ message: "enough" });
    const later = new AbortController();
    const { bytes } = await bucket().get("ctr/3/a", undefined, 0, later.signal);
    later.abort(new Error("enough"));
    expect(await failureOf(textOf(bytes))).toMatchObject({ message: "enough" });
  });
});

describe("keys", () => {
  const unless =
    (accepted: string, refusal: Fault): Fault =>
    (exchange) =>
      (exchange.response.req.headers.authorization ?? "").includes(accepted) ? pass(exchange) : refusal(exchange);
  const variable = (name: string) => `$\{env:${name}}`;

  test("that have expired are read anew, at once", async () => {
    vi.stubEnv("SALVER_TEST_KEY", "OLDKEY");
    const its = bucket({ credentials: { accessKeyId: variable("SALVER_TEST_KEY"), secretAccessKey: "s" } });
    proxy.plan(unless("OLDKEY", answered(403, {}, errorBody("ExpiredToken"))));
    await its.list("ctr/", true, 10, signal);
    proxy.plan(unless("NEWKEY", answered(403, {}, errorBody("ExpiredToken"))), { times: 3 });
    expect(await failureOf(its.list("ctr/", true, 10, signal))).toMatchObject({ code: "UNAUTHENTICATED" });
    vi.stubEnv("SALVER_TEST_KEY", "NEWKEY");
    expect((await its.list("ctr/", true, 10, signal)).folders).toEqual(["ctr/3/"]);
    proxy.clear();
    proxy.plan(unless("NEXTKEY", answered(403, {}, errorBody("InvalidAccessKeyId"))), { times: 2 });
    vi.stubEnv("SALVER_TEST_KEY", "NEXTKEY");
    expect((await its.list("ctr/", true, 10, signal)).folders).toEqual(["ctr/3/"]);
  });

  test("that cannot be read are named by their option, and may come later", async () => {
    const its = bucket({ credentials: { accessKeyId: variable("SALVER_TEST_ABSENT"), secretAccessKey: "s" } });
    expect(await failureOf(its.list("", true, 1, signal))).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/credentials.accessKeyId is .*SALVER_TEST_ABSENT of the environment is not set/),
    });
    vi.stubEnv("SALVER_TEST_ABSENT", "here");
    await its.list("", true, 1, signal);
  });

  test("in AWS's files are read anew as well", async () => {
    const folder = await mkdtemp(join(tmpdir(), "salver-"));
    const file = join(folder, "credentials");
    const write = (key: string) => writeFile(file, `[default]\naws_access_key_id=${key}\naws_secret_access_key=s\n`);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_PROFILE", undefined);
    await write("OLDKEY");
    const its = bucket({ credentials: undefined });
    proxy.plan(unless("OLDKEY", answered(400)));
    await its.list("ctr/", true, 10, signal);
    await write("NEWKEY");
    proxy.plan(unless("NEWKEY", answered(403, {}, errorBody("ExpiredToken"))), { times: 2 });
    expect((await its.list("ctr/", true, 10, signal)).folders).toEqual(["ctr/3/"]);
    await rm(folder, { recursive: true });
  });

  test("a session's token is sent", async () => {
    let token: string | undefined;
    proxy.plan(async (exchange) => {
      token = exchange.response.req.headers["x-amz-security-token"] as string;
      await pass(exchange);
    });
    await list({ credentials: { ...keys, sessionToken: "TOKEN" } });
    expect(token).toBe("TOKEN");
  });
});

test("a clock that is wrong: says by how much, and signs by the server's from then on", async () => {
  const ahead = new Date(Date.now() + 3_600_000);
  proxy.plan(answered(403, { date: ahead.toUTCString() }, errorBody("RequestTimeTooSkewed")));
  const its = bucket();
  expect(await failureOf(its.list("ctr/", true, 10, signal))).toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(/this machine's clock is 60 min behind the server's: set it/),
  });
  let sent = "";
  proxy.plan(async (exchange) => {
    sent = String(exchange.response.req.headers["x-amz-date"]);
    await pass(exchange);
  });
  await its.list("ctr/", true, 10, signal);
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(sent) ?? [];
  const [year = 0, month = 0, ...rest] = parts.map(Number);
  expect(Math.abs(Date.UTC(year, month - 1, ...rest) - ahead.getTime())).toBeLessThan(600_000);
});

test("a range is asked for on condition, and told where it begins", async () => {
  const { etag = "" } = await get();
  let headers: Record<string, unknown> = {};
  proxy.plan(async (exchange) => {
    headers = exchange.response.req.headers;
    await pass(exchange);
  });
  const fetched = await get(etag, 8);
  expect(headers).toMatchObject({ range: "bytes=8-", "if-match": etag });
  expect(fetched).toMatchObject({ offset: 8, size: 12, etag });
  expect(await textOf(fetched.bytes)).toBe("of a");
  // A server that knows no ranges answers with all of it.
  proxy.plan(async (exchange) => {
    delete exchange.response.req.headers.range;
    await answered(200, { etag }, "content of a")(exchange);
  });
  expect(await get(etag, 8)).toMatchObject({ offset: 0, size: 12 });
});

test("whoever leaves the bytes unread leaves nothing behind", async () => {
  const large = "x".repeat(4_000_000);
  await stored.put("large", large);
  const its = bucket();
  for (let i = 0; i < 60; i++) {
    // As many as the SDK's pool has connections, and then some.
    const { bytes } = await its.get("large", undefined, 0, signal);
    await bytes[Symbol.asyncIterator]().return?.();
  }
  expect(await textOf((await its.get("large", undefined, 0, signal)).bytes)).toBe(large);
});

test("keys are asked for in the encoding of forms, and read so where the server does as asked", async () => {
  const answer = (how: string) =>
    `<ListBucketResult>${how}<Contents><Key>x+y%2Bz%C3%A9%zz</Key><Size>2</Size><ETag>e</ETag></Contents></ListBucketResult>`;
  const keyIn = async (how: string) => {
    proxy.plan(answered(200, {}, answer(how)));
    const { objects } = await list();
    return objects[0]?.key;
  };
  expect(await keyIn("")).toBe("x+y%2Bz%C3%A9%zz");
  expect(await keyIn("<EncodingType>url</EncodingType>")).toBe("x+y%2Bz%C3%A9%zz");
  expect(proxy.requests.at(-1)).toContain("encoding-type=url");
  proxy.plan(answered(200, {}, answer("<EncodingType>url</EncodingType>").replace("%zz", "")));
  expect((await list()).objects).toEqual([{ key: "x y+z\u00e9", size: 2, etag: '"e"' }]);
});

test("an answer without an end is refused, not followed in circles", async () => {
  const page = (more: string) => `<ListBucketResult><IsTruncated>true</IsTruncated>${more}</ListBucketResult>`;
  proxy.plan(answered(200, {}, page("")));
  expect(await failureOf(list())).toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(/not how to go on/),
  });
  const endless = page("<NextContinuationToken>t</NextContinuationToken><Contents><Key>k</Key></Contents>");
  proxy.plan(answered(200, {}, endless), { times: 20 });
  expect((await list()).pages).toBe(11);
});
