import { connect as connectHttp2 } from "node:http2";
import { describe, expect, test } from "vitest";
import { PREDICT } from "../../../../support/http2/grpc-request.js";
import { engines } from "./engines.js";
import { predictedPayload } from "./predict-request.js";
import { hello } from "./raw-predict.js";
import { holdRuns, serve } from "./stage.js";

describe.each(engines)("%s: HTTP/2 by Node's own client", (engine) => {
  test("a call, its headers and its trailers", async () => {
    const { port, frontend } = await serve(engine);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    try {
      const held = holdRuns(frontend);
      const stream = session.request({
        ":method": "POST",
        ":path": PREDICT,
        te: "trailers",
        "content-type": "application/grpc+proto",
      });
      stream.end(hello);
      const response = new Promise<Record<string, unknown>>((resolve) => stream.once("response", resolve));
      const trailers = new Promise<Record<string, unknown>>((resolve) => stream.once("trailers", resolve));
      (await held.next()).answer();
      expect(await response).toMatchObject({
        ":status": 200,
        "content-type": expect.stringMatching(/^application\/grpc/),
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      expect(predictedPayload(bytes.subarray(5)).toString()).toBe("hello");
      expect(await trailers).toMatchObject({ "grpc-status": "0" });
    } finally {
      session.close();
    }
  });

  test.each([
    ["GET", { ":method": "GET" }],
    ["no content-type", { "content-type": undefined }],
    ["JSON", { "content-type": "application/json" }],
    ["gRPC-Web", { "content-type": "application/grpc-web" }],
  ] as const)("%s is no gRPC", async (_, change) => {
    const { port, frontend } = await serve(engine);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    try {
      const all = {
        ":method": "POST",
        ":path": PREDICT,
        te: "trailers",
        "content-type": "application/grpc",
        ...change,
      };
      const known = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const stream = session.request(known, { endStream: true });
      stream.on("error", () => {}).resume();
      const response = await new Promise<Record<string, unknown>>((resolve) => {
        stream.once("response", resolve);
        stream.once("close", () => resolve({}));
      });
      const ok = response[":status"] === 200 && response["grpc-status"] === undefined;
      expect(ok).toBe(false);
      expect(frontend.specs).toEqual([]);
    } finally {
      session.close();
    }
  });
});
