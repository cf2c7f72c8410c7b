import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { isServingError } from "../../../../core/index.js";
import { readModelFile } from "../../../../plugins/servables/onnx/model-file.js";
import { encodeMessage, type Field, message, string, varint } from "../../../../protos/wire/writer.js";

const work = mkdtempSync(join(tmpdir(), "salver-onnx-"));
afterAll(() => rmSync(work, { recursive: true }));
const path = join(work, "m.onnx");
const read = (bytes: Uint8Array) => {
  writeFileSync(path, bytes);
  return readModelFile(path);
};

const node = (op: string, domain: string, ...graphs: Field[]): Field =>
  message(1, [string(4, op), string(7, domain), ...graphs.map((graph) => message(5, [graph]))]);

it("an ONNX file says who wrote it, for what, and what it is made of, inside of branches too", async () => {
  const branch = message(6, [node("Add", "")]);
  const model = encodeMessage([
    varint(1, 10),
    string(2, "tool"),
    string(3, "1.2"),
    varint(5, 7),
    message(7, [node("If", "", branch, branch), node("Gelu", "com.microsoft"), node("Add", "ai.onnx"), string(2, "g")]),
    message(8, [string(1, ""), varint(2, 21)]),
    message(8, [varint(2, 1), string(1, "com.microsoft")]),
    message(14, [string(1, "author"), string(2, "somebody")]),
  ]);
  const { ops, ...said } = await read(model);
  expect(said).toEqual({
    irVersion: 10,
    producer: "tool",
    producerVersion: "1.2",
    domain: "",
    modelVersion: 7,
    documentation: "",
    graphName: "g",
    opsets: { "ai.onnx": 21, "com.microsoft": 1 },
    metadata: { author: "somebody" },
  });
  expect(Object.fromEntries(ops)).toEqual({ Add: 3, If: 1, "com.microsoft.Gelu": 1 });
});

it("graphs nested without end are refused", async () => {
  let graph: Field[] = [node("Add", "")];
  for (let depth = 0; depth < 500; depth++) graph = [node("If", "", message(6, graph))];
  await expect(read(encodeMessage([message(7, graph)]))).rejects.toMatchObject({ code: "DATA_LOSS" });
});

it("a file that was tampered with is read or refused by its name", async () => {
  const iris = fileURLToPath(new URL("../../../../examples/quickstart/models/iris/1/model.onnx", import.meta.url));
  const whole = readFileSync(iris).subarray(0, 4000);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= mask;
      const refused = await read(bytes).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refused === undefined) return;
      if (!isServingError(refused)) throw refused;
      expect(refused.message).toMatch(/^m\.onnx is no ONNX model, or was cut short$/);
    }),
    { numRuns: 60 },
  );
});
