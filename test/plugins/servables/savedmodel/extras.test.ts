import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MlmdEvent, silentTelemetry, type Telemetry } from "../../../../core/index.js";
import { fakeHost, recordingLogger } from "../../../../core/testing/index.js";
import { savedModelLoader } from "../../../../plugins/servables/savedmodel/loader.js";
import { options } from "../../../../plugins/servables/savedmodel/options.js";
import { quickstart, workFolder } from "../../../e2e/support/config.js";

/** Loads half_plus_two with files in its assets.extra. */
async function load(extras: Readonly<Record<string, string | Uint8Array>>, chosen = {}) {
  await using folder = await workFolder();
  const { path } = folder;
  await cp(join(quickstart, "models/half_plus_two/1"), path, { recursive: true });
  await mkdir(join(path, "assets.extra"));
  for (const [name, content] of Object.entries(extras)) await writeFile(join(path, "assets.extra", name), content);
  const found: MlmdEvent[] = [];
  const telemetry: Telemetry = { ...silentTelemetry, mlmdFound: (event) => found.push(event) };
  const log = recordingLogger();
  const host = fakeHost({ log, get: () => telemetry as never });
  const parsed = options.parse({ engine: "onnxruntime", ...chosen });
  const loader = savedModelLoader(host, { model: "m", version: 7n, path }, parsed);
  const servable = await loader.load(new AbortController().signal);
  await servable[Symbol.asyncDispose]();
  return { found, lines: log.lines.map(({ message }) => message).filter((line) => line.includes("assets.extra")) };
}

test("a key in ML Metadata is told, its line end aside; a version without one has nothing to tell", async () => {
  expect((await load({ mlmd_uuid: "a-b-c\n" })).found).toEqual([{ model: "m", version: 7n, uuid: "a-b-c" }]);
  expect((await load({})).found).toEqual([]);
});

// session_overrides { batch_op_rewriter_config {} }, critical: true
const config = Uint8Array.of(0x0a, 2, 0x12, 0, 0x18, 1);
const read = { savedModelConfig: true };

test("what a SavedModelConfig says is named as without effect, once", async () => {
  const { lines } = await load({ "saved_model_config.pb": config }, read);
  expect(lines).toEqual([
    expect.stringMatching(/saved_model_config\.pb: without effect here: session_overrides\.batch_op_rewriter_config$/),
  ]);
  expect((await load({ "saved_model_config.pb": "" }, read)).lines).toEqual([]);
  expect((await load({}, read)).lines).toEqual([]);
});

test.each([
  ["that ends early", config.subarray(0, 3)],
  ["with a broken message inside", Uint8Array.of(0x0a, 1, 0x12)],
  ["of text", "session_overrides {}"],
])("a SavedModelConfig %s fails the load", async (_what, bytes) => {
  await expect(load({ "saved_model_config.pb": bytes }, read)).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringMatching(/^Unable to parse SavedModelConfig: .*assets\.extra\/saved_model_config\.pb$/),
  });
  await expect(load({ "saved_model_config.pb": bytes })).resolves.toBeDefined();
});
