import { createTexts } from "salver";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import plugin from "../../../../plugins/sources/s3/index.js";
import {
  answered,
  cutBeforeAnswer,
  cutInBody,
  type FaultProxy,
  faultProxy,
  silence,
} from "../../../support/fault-proxy/index.js";
import { errorBody, keys, startServer, type TestBucket, type TestServer } from "./server.js";

let server: TestServer;
let proxy: FaultProxy;
let bucket: TestBucket;

beforeAll(async () => {
  server = await startServer();
  proxy = await faultProxy(server.url);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  bucket = server.bucket();
  proxy.clear();
  vi.stubEnv("AWS_ENDPOINT_URL_S3", proxy.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", keys.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", keys.secretAccessKey);
});
afterEach(() => vi.unstubAllEnvs());

test("reads an object as text, and again when it has changed", async () => {
  const texts = createTexts([plugin]);
  const url = `s3://${bucket.name}/configs/salver%20one.yaml`;
  await bucket.put("configs/salver one.yaml", "models: { ü: {} }");
  expect(await texts.read(url)).toBe("models: { ü: {} }");
  await bucket.put("configs/salver one.yaml", "models: {}");
  expect(await texts.read(url)).toBe("models: {}");
});

test("what has not changed does not come again", async () => {
  const texts = createTexts([plugin]);
  const url = `s3://${bucket.name}/models.conf`;
  await bucket.put("models.conf", "same");
  expect(await texts.read(url)).toBe("same");
  // Whoever asks without the ETag would see this.
  proxy.plan(answered(304));
  expect(await texts.read(url)).toBe("same");
  expect(await texts.read(url)).toBe("same");
});

describe("says what is wrong, where, and what to do", () => {
  const read = (path: string) => createTexts([plugin]).read(`s3://${path}`);

  test("of what is not there", async () => {
    await expect(read(`${bucket.name}/none.yaml`)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/^cannot read s3:\/\/models-\d+\/none.yaml: it is not there/),
    });
    await expect(read("nobodys-bucket/x.yaml")).rejects.toThrow(/there is no bucket nobodys-bucket at http/);
    await expect(read(bucket.name)).rejects.toThrow(/expected s3:\/\/bucket\/key/);
  });

  test("of what may not be read", async () => {
    proxy.plan(answered(403, {}, errorBody("AccessDenied")));
    await expect(read(`${bucket.name}/x.yaml`)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("of what is no text", async () => {
    await bucket.put("x.yaml", Uint8Array.of(0xff, 0xfe, 0));
    await expect(read(`${bucket.name}/x.yaml`)).rejects.toThrow(/x.yaml is not UTF-8/);
  });

  test.each([
    ["cut before the answer", cutBeforeAnswer],
    ["cut in the body", cutInBody(3)],
  ])("of a connection that is %s", async (_, fault) => {
    await bucket.put("x.yaml", "models: {}");
    proxy.plan(fault, { times: 2 });
    await expect(read(`${bucket.name}/x.yaml`)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

test("ends when it is to end", async () => {
  const end = new AbortController();
  proxy.plan(silence);
  const reading = createTexts([plugin]).read(`s3://${bucket.name}/x.yaml`, end.signal);
  const before = proxy.requests.length;
  await expect.poll(() => proxy.requests.length).toBeGreaterThan(before);
  end.abort();
  await expect(reading).rejects.toThrow(/abort/i);
});
