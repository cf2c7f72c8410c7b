import { describeSource } from "salver/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startServer, type TestServer } from "./server.js";
import { openS3Stage, signature } from "./stage.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const exempt = { forge: "without a manifest nothing says what the bytes should be: S3's ETags need not be sums" };

describeSource({ describe, test }, "s3", { open: () => openS3Stage(server), exempt });
describeSource({ describe, test }, "s3, with a signed manifest", {
  open: () => openS3Stage(server, { manifest: "versions.json", signature }),
  exempt: { publishSlowly: "a manifest names a version when it is complete" },
});
describeSource({ describe, test }, "s3, with a marker", {
  open: () => openS3Stage(server, { marker: "_SUCCESS", settle: 2 }),
  exempt,
});
