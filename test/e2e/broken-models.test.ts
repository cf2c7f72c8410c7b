import { cp, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { request } from "./support/rest-client.js";
import { type Serving, serve } from "./support/salver.js";

let folder: Awaited<ReturnType<typeof workFolder>>;
let serving: Serving;

const thrower = `import { definePlugin, servable } from "salver";
import { z } from "zod";
export default definePlugin({ name: "thrower", factories: [servable({
  type: "thrower", description: "Throws.", options: z.strictObject({}), example: {},
  create: () => () => ({ estimate: async () => ({ memory: 0 }), load: async () => { throw new Error("the plugin's own words"); } }),
})] });
`;

beforeAll(async () => {
  folder = await workFolder();
  const { path } = folder;
  const copy = (model: string, to: string) =>
    cp(join(quickstart, "models", model), join(path, to), { recursive: true });
  await copy("half_plus_two/1", "good/1");
  await copy("mnist/1", "truncated/1");
  await truncate(join(path, "truncated/1/saved_model.pb"), 1000);
  await copy("mnist/1", "no_variables/1");
  await rm(join(path, "no_variables/1/variables"), { recursive: true });
  await copy("mnist_onnx/1", "truncated_onnx/1");
  await truncate(join(path, "truncated_onnx/1/model.onnx"), 1000);
  await mkdir(join(path, "empty/1"), { recursive: true });
  await mkdir(join(path, "throwing/1"), { recursive: true });
  await writeFile(join(path, "thrower.ts"), thrower);
  // The good model's next version is broken: version 1 must go on.
  await copy("half_plus_two/2", "mixed/1");
  await copy("mnist/1", "mixed/2");
  await truncate(join(path, "mixed/2/variables/variables.data-00000-of-00001"), 100);
  const names = ["good", "truncated", "no_variables", "truncated_onnx", "empty", "mixed"];
  const models = [
    ...names.map((name) => `  ${name}: { path: ./${name} }`),
    "  throwing: { path: ./throwing, servable: thrower }",
  ];
  const config = `plugins: [./thrower.ts]\nmodels:\n${models.join("\n")}\nloading: { retries: 0 }\n`;
  serving = await serve(
    await writeConfig(path, config.replace("mixed: { path: ./mixed }", "mixed: { path: ./mixed, versions: all }")),
  );
}, 60_000);

afterAll(async () => {
  await serving?.stop();
  await folder?.[Symbol.asyncDispose]();
});

type Status = {
  model_version_status: { version: string; state: string; status: { error_code: string; error_message: string } }[];
};
const statusOf = async (name: string) =>
  ((await request(`${serving.rest}/v1/models/${name}`)).body as Status).model_version_status;

test.each([
  ["truncated", /saved_model\.pb/],
  ["no_variables", /variables/],
  ["truncated_onnx", /model\.onnx/],
  ["empty", /no servable type knows these files/],
  ["throwing", /the plugin's own words/],
])("%s ends with its error in its status", async (name, message) => {
  const [only] = await statusOf(name);
  expect(only).toMatchObject({ version: "1", state: "END" });
  expect(only?.status.error_code).not.toBe("OK");
  expect(only?.status.error_message).toMatch(message);
  expect(serving.stdout).toContain(`✗ ${name} 1 failed`);
});

test("everything else serves, the good version of a model with a broken one too", async () => {
  for (const name of ["good", "mixed"]) {
    const { body } = await request(`${serving.rest}/v1/models/${name}:predict`, '{"instances": [3.0]}');
    expect(body).toEqual({ predictions: [3.5] });
  }
  const states = await statusOf("mixed");
  expect(states.map(({ version, state }) => `${version} ${state}`)).toEqual(["2 END", "1 AVAILABLE"]);
});

test("a model that failed is not there for requests", async () => {
  const { status, body } = await request(`${serving.rest}/v1/models/truncated:predict`, '{"instances": [3.0]}');
  expect(status).toBe(404);
  expect(body).toEqual({ error: "Servable not found for request: Latest(truncated)" });
});
