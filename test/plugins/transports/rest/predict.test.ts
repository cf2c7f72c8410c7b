import { ServingError, strings } from "salver";
import { describe, expect, it } from "vitest";
import { fakeFrontend, type Run } from "./fake-frontend.js";
import { signature } from "./signatures.js";
import { onEachEngine, start } from "./start.js";

async function post(url: string, body: string, path = "/v1/models/m:predict") {
  const reply = await fetch(url + path, { method: "POST", body });
  return { status: reply.status, type: reply.headers.get("content-type"), text: (await reply.text()).trimEnd() };
}

onEachEngine(() => {
  describe("predict", () => {
    it("answers rows and columns in their own form", async () => {
      const frontend = fakeFrontend();
      const { url } = await start(frontend);
      expect(await post(url, '{"instances":[1.0, 2, 5]}')).toEqual({
        status: 200,
        type: "application/json",
        text: '{"predictions":[2.5,3.0,4.5]}',
      });
      expect((await post(url, '{"inputs":{"x":[[NaN]]}}')).text).toBe('{"outputs":[[NaN]]}');
      expect(frontend.held()).toBe(0);
    });

    it("asks for the version or label of the URL", async () => {
      const frontend = fakeFrontend();
      const { url } = await start(frontend);
      await post(url, '{"inputs":1}', "/v1/models/m/versions/12:predict");
      await post(url, '{"inputs":1}', "/v1/models/m/labels/a%20b:predict");
      expect(frontend.asked).toEqual([
        { name: "m", version: 12n },
        { name: "m", label: "a b" },
      ]);
    });

    it("bytes go in and out unchanged", async () => {
      const signatures = { serving_default: signature({ s: "string" }, { s: "string", s_bytes: "string" }) };
      const { url } = await start(
        fakeFrontend((_, { s }) => ({ s: s ?? strings([]), s_bytes: s ?? strings([]) }), signatures),
      );
      const body = `{"instances":["é\\u0000",{"b64":"AAD/"}]}`;
      const reply = await fetch(`${url}/v1/models/m:predict`, { method: "POST", body });
      expect(Buffer.from(await reply.arrayBuffer()).toString("latin1")).toBe(
        `{"predictions":[{"s":"\xc3\xa9\\u0000","s_bytes":{"b64":"w6kA"}},{"s":"\\u0000\\u0000\xff","s_bytes":{"b64":"AAD/"}}]}\n`,
      );
    });

    it("takes the signature that is named", async () => {
      const seen: string[] = [];
      const run: Run = (name, { x }) => {
        seen.push(name);
        return { y: x ?? strings([]) };
      };
      const { url } = await start(
        fakeFrontend(run, { serving_default: signature({ x: "float32" }), other: signature({ x: "int64" }) }),
      );
      expect((await post(url, '{"signature_name":"other","inputs":9007199254740993}')).text).toBe(
        '{"outputs":9007199254740993}',
      );
      await post(url, '{"inputs":1}');
      await post(url, '{"signature_name":"","inputs":1}');
      expect(seen).toEqual(["other", "serving_default", "serving_default"]);
    });

    it("checks syntax, then model, then signature, then tensors", async () => {
      const frontend = fakeFrontend();
      const { url } = await start(frontend);
      const unknown = "/v1/models/nobody:predict";
      const error = (text: string) => JSON.stringify({ error: text });
      expect(await post(url, "", unknown)).toMatchObject({
        status: 400,
        type: "application/json",
        text: error("JSON Parse error: The document is empty"),
      });
      expect((await post(url, '{"signature_name":1}', unknown)).status).toBe(400);
      expect(await post(url, '{"signature_name":"s"}', unknown)).toMatchObject({
        status: 404,
        text: error("Servable not found for request: Latest(nobody)"),
      });
      expect(await post(url, '{"signature_name":"constructor","inputs":"a"}')).toMatchObject({
        status: 400,
        text: error('Serving signature name: "constructor" not found in signature def'),
      });
      expect(await post(url, '{"inputs":["a"]}')).toMatchObject({
        status: 400,
        text: error('JSON Value: "a" Type: String is not of expected type: float'),
      });
      expect(frontend.held()).toBe(0);
    });

    it.each([
      ["INVALID_ARGUMENT", 400],
      ["FAILED_PRECONDITION", 400],
      ["OUT_OF_RANGE", 400],
      ["UNAUTHENTICATED", 401],
      ["PERMISSION_DENIED", 403],
      ["NOT_FOUND", 404],
      ["ALREADY_EXISTS", 409],
      ["ABORTED", 409],
      ["RESOURCE_EXHAUSTED", 429],
      ["CANCELLED", 499],
      ["UNKNOWN", 500],
      ["INTERNAL", 500],
      ["DATA_LOSS", 500],
      ["UNIMPLEMENTED", 501],
      ["UNAVAILABLE", 503],
      ["DEADLINE_EXCEEDED", 504],
    ] as const)("%s is %i", async (code, status) => {
      const frontend = fakeFrontend(() => {
        throw new ServingError(code, "so it is");
      });
      const { url } = await start(frontend);
      expect(await post(url, '{"inputs":1}')).toMatchObject({ status, text: '{"error":"so it is"}' });
      expect(frontend.held()).toBe(0);
    });

    it("tells the log, not the client, what is wrong inside", async () => {
      const cause = new Error("/secret/path");
      const frontend = fakeFrontend(() => {
        throw cause;
      });
      const { url, errors } = await start(frontend);
      const { status, text } = await post(url, '{"inputs":1}');
      expect([status, text.includes("secret"), errors]).toEqual([500, false, [cause]]);
    });
  });
});
