import { strings, tensor } from "salver";
import { describe, expect, it } from "vitest";
import { fakeFrontend } from "./fake-frontend.js";
import { onEachEngine, open, start } from "./start.js";

onEachEngine(() => {
  describe("status and metadata", () => {
    it("status lists the versions, a label does not choose", async () => {
      const frontend = fakeFrontend();
      const { url } = await start(frontend);
      const reply = await fetch(`${url}/v1/models/m/labels/stable`);
      expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(await reply.json()).toEqual({
        model_version_status: [
          { version: "3", state: "AVAILABLE", status: { error_code: "OK", error_message: "" } },
          { version: "1", state: "END", status: { error_code: "DATA_LOSS", error_message: "truncated" } },
        ],
      });
      await fetch(`${url}/v1/models/m/versions/3`);
      expect(frontend.asked).toEqual([{ name: "m" }, { name: "m", version: 3n }]);
      const unknown = await fetch(`${url}/v1/models/n`);
      expect([unknown.status, await unknown.json()]).toEqual([
        404,
        { error: "Could not find any versions of model n" },
      ]);
    });

    it("metadata is proto3 JSON with its defaults", async () => {
      const frontend = fakeFrontend(undefined, {
        serving_default: {
          inputs: {
            x: { dtype: "float32", shape: [-1, 28], dimNames: ["batch", ""], name: "x:0" },
            s: { dtype: "string", shape: null },
          },
          outputs: { h: { dtype: "float16", shape: [] } },
          defaults: { x: tensor("float32", [1, 1], Float32Array.of(1)), s: strings(["a"]) },
        },
        classify: { inputs: {}, outputs: {}, method: "tensorflow/serving/classify" },
      });
      const { url } = await start(frontend);
      const reply = await fetch(`${url}/v1/models/m/metadata`);
      expect(await reply.json()).toEqual({
        model_spec: { name: "m", signature_name: "", version: "3" },
        metadata: {
          signature_def: {
            signature_def: {
              serving_default: {
                inputs: {
                  x: {
                    dtype: "DT_FLOAT",
                    tensor_shape: {
                      dim: [
                        { size: "-1", name: "batch" },
                        { size: "28", name: "" },
                      ],
                      unknown_rank: false,
                    },
                    name: "x:0",
                  },
                  s: { dtype: "DT_STRING", tensor_shape: { dim: [], unknown_rank: true }, name: "" },
                },
                outputs: { h: { dtype: "DT_HALF", tensor_shape: { dim: [], unknown_rank: false }, name: "" } },
                method_name: "tensorflow/serving/predict",
                defaults: {
                  x: {
                    dtype: "DT_FLOAT",
                    tensor_shape: {
                      dim: [
                        { size: "1", name: "" },
                        { size: "1", name: "" },
                      ],
                      unknown_rank: false,
                    },
                    tensor_content: "AACAPw==",
                  },
                  s: {
                    dtype: "DT_STRING",
                    tensor_shape: { dim: [{ size: "1", name: "" }], unknown_rank: false },
                    string_val: ["YQ=="],
                  },
                },
              },
              classify: { inputs: {}, outputs: {}, method_name: "tensorflow/serving/classify", defaults: {} },
            },
          },
        },
      });
      expect(frontend.held()).toBe(0);
      const unknown = await fetch(`${url}/v1/models/n/metadata`);
      expect([unknown.status, await unknown.json()]).toEqual([
        404,
        { error: "Servable not found for request: Latest(n)" },
      ]);
    });
  });

  it("batches are what the frontend remembers, in milliseconds", async () => {
    const frontend = fakeFrontend();
    const { url } = await start(frontend);
    const reply = await fetch(`${url}/v1/models/m/versions/3/batches`);
    expect([reply.status, await reply.json()]).toEqual([
      200,
      {
        model_name: "m",
        batches: [
          {
            version: "3",
            signature_name: "serving_default",
            priority: "normal",
            closed: "timeout",
            requests: 2,
            rows: 3,
            size: 4,
            limit: 64,
            wait_median_ms: 1.235,
            wait_max_ms: 2,
            run_ms: 0.5,
            code: "OK",
            age_ms: 1001,
          },
        ],
        refused: { UNAVAILABLE: 3 },
      },
    ]);
    expect(frontend.asked).toEqual([{ name: "m", version: 3n }]);
    expect((await fetch(`${url}/v1/models/n/batches`)).status).toBe(404);
  });

  describe("health", () => {
    it("healthz is about the process, readyz about the models", async () => {
      let ready = false;
      const reasons = ["m: no version is available"];
      const { url } = await start(fakeFrontend(undefined, undefined, () => ({ ready, reasons: ready ? [] : reasons })));
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const before = await fetch(`${url}/readyz`);
      expect([before.status, await before.json()]).toEqual([503, { ready: false, reasons }]);
      ready = true;
      const after = await fetch(`${url}/readyz`);
      expect([after.status, await after.json()]).toEqual([200, { ready: true, reasons: [] }]);
    });
  });

  describe("what fits nothing", () => {
    it.each([
      ["PUT", "/v1/models/m"],
      ["GET", "/v1/models/m:predict"],
      ["POST", "/v1/models/m:predict?x=1"],
      ["DELETE", "/v1/anything"],
    ])("%s %s is a malformed request", async (method, path) => {
      const { url } = await start(fakeFrontend());
      const reply = await fetch(url + path, { method });
      expect([reply.status, await reply.json()]).toEqual([400, { error: `Malformed request: ${method} ${path}` }]);
    });

    it.each(["/", "/v1", "/v2/models/m", "/v1models/m"])("%s is not found, in HTML", async (path) => {
      const { url } = await start(fakeFrontend());
      const reply = await fetch(url + path);
      expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "text/html"]);
    });

    it("no HTTP at all, or a host that is none, does not stop the server", async () => {
      const { url, port } = await start(fakeFrontend());
      const noise = await open(port);
      noise.write("\x16\x03\x01 hello\r\n\r\n");
      const host = await open(port);
      host.write("GET /v1/models/m HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n");
      await Promise.all([noise, host].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
      expect(noise.received()).toContain("400 Bad Request");
      expect(host.received()).toContain("400 Bad Request");
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    });
  });

  describe("other origins", () => {
    const origin = { Origin: "https://example.org" };
    const allowed = (reply: Response) => [
      reply.headers.get("access-control-allow-origin"),
      reply.headers.get("access-control-allow-methods"),
      reply.headers.get("access-control-allow-headers"),
    ];

    it("are let in by cors, on every reply", async () => {
      const { url } = await start(fakeFrontend(), { cors: true });
      for (const path of ["/v1/models/m", "/v1/models/n", "/v1/bad", "/elsewhere", "/healthz"]) {
        expect(allowed(await fetch(url + path, { headers: origin }))).toEqual(["*", "POST, GET", "Content-Type"]);
      }
      const preflight = await fetch(`${url}/v1/models/m:predict`, { method: "OPTIONS", headers: origin });
      expect([preflight.status, await preflight.text(), ...allowed(preflight)]).toEqual([
        200,
        "",
        "*",
        "POST, GET",
        "Content-Type",
      ]);
      expect((await fetch(`${url}/v1/models/m:predict`, { method: "OPTIONS" })).status).toBe(400);
    });

    it("see nothing of it without", async () => {
      const { url } = await start(fakeFrontend());
      expect(allowed(await fetch(`${url}/v1/models/m`, { headers: origin }))).toEqual([null, null, null]);
    });
  });
});
