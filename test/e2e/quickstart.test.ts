import { execFile } from "node:child_process";
import { cp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { strings, type Tensors, tensor } from "salver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firstDifference } from "../fixtures/compare.js";
import { readGolden } from "../fixtures/golden.js";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { grpcClient } from "./support/grpc-client.js";
import { columns, fromColumns, request, rows } from "./support/rest-client.js";
import { type Serving, serve } from "./support/salver.js";

// The quickstart as it is, but on free ports: its own 8500 and 8501 may be taken where the tests run.
let folder: Awaited<ReturnType<typeof workFolder>>;
let serving: Serving;
let client: ReturnType<typeof grpcClient>;

beforeAll(async () => {
  folder = await workFolder();
  await cp(join(quickstart, "palindrome.ts"), join(folder.path, "palindrome.ts"));
  await symlink(join(quickstart, "models"), join(folder.path, "models"));
  const config = await readFile(join(quickstart, "salver.config.yaml"), "utf8");
  const file = await writeConfig(folder.path, config.replace("port: 8500", "port: 0").replace("port: 8501", "port: 0"));
  serving = await serve(file);
  client = grpcClient(serving.grpc);
}, 60_000);

afterAll(async () => {
  client?.close();
  await serving?.stop();
  await folder?.[Symbol.asyncDispose]();
});

type MetadataReply = { metadata: { signature_def: { signature_def: object } } };

const palindromes = {
  signature: "serving_default",
  cases: [
    {
      name: "words",
      inputs: { text: strings(["level", "salver", "A man, a plan, a canal: Panama", "", "été"]) } as Tensors,
      outputs: { palindrome: tensor("bool", [5], Uint8Array.of(1, 0, 1, 1, 1)) } as Tensors,
    },
  ],
};

describe.each(["half_plus_two", "mnist", "mnist_onnx", "deepfm", "iris", "palindrome"])("%s", (name) => {
  const golden = name === "palindrome" ? palindromes : readGolden(`golden/${name}.json`);

  test.each(golden.cases)("answers $name over gRPC as its framework does", async ({ inputs, outputs }) => {
    const reply = await client.predict({ name, signature: golden.signature }, inputs);
    expect(firstDifference(reply.outputs, outputs)).toBeUndefined();
    expect(reply.spec?.name).toBe(name);
    expect(reply.spec?.signatureName).toBe("serving_default");
  });

  test.each(golden.cases)("answers $name over REST, columns, as its framework does", async ({ inputs, outputs }) => {
    const { status, body } = await request(`${serving.rest}/v1/models/${name}:predict`, columns(inputs));
    expect(status, JSON.stringify(body)).toBe(200);
    expect(firstDifference(fromColumns(body, outputs), outputs)).toBeUndefined();
  });

  test("answers rows over REST as it answers columns", async () => {
    const batched = golden.cases.find(({ inputs }) => Object.values(inputs).every(({ shape }) => (shape[0] ?? 0) > 1));
    if (!batched) throw new Error("no golden case is a batch");
    const url = `${serving.rest}/v1/models/${name}:predict`;
    const byColumn = await request(url, columns(batched.inputs));
    const byRow = await request(url, rows(batched.inputs));
    expect(byRow.status, JSON.stringify(byRow.body)).toBe(200);
    const { predictions } = byRow.body as { predictions: unknown[] };
    const outputs = Object.keys(batched.outputs);
    const { outputs: whole } = byColumn.body as { outputs: unknown };
    for (const [i, row] of predictions.entries()) {
      if (outputs.length === 1) expect(row).toEqual((whole as unknown[])[i]);
      else for (const output of outputs) expect((row as never)[output]).toEqual((whole as never)[output][i]);
    }
  });

  test("tells its state and its signature, alike over both", async () => {
    const state = await client.status({ name });
    expect(state.modelVersionStatus[0]?.state).toBe(30);
    const { body } = await request(`${serving.rest}/v1/models/${name}`);
    const { model_version_status: versions } = body as { model_version_status: unknown[] };
    expect(versions[0]).toMatchObject({ state: "AVAILABLE", status: { error_code: "OK", error_message: "" } });
    const metadata = await request(`${serving.rest}/v1/models/${name}/metadata`);
    const { signature_def: signatures } = (metadata.body as MetadataReply).metadata.signature_def;
    expect(Object.keys(signatures)).toContain("serving_default");
    expect((await client.metadata({ name })).metadata.signature_def?.typeUrl).toBe(
      "type.googleapis.com/tensorflow.serving.SignatureDefMap",
    );
  });
});

test("versions 1 and 2 of half_plus_two serve side by side", async () => {
  const x = { x: tensor("float32", [2], Float32Array.of(3, 5)) };
  for (const version of [1n, 2n]) {
    const reply = await client.predict({ name: "half_plus_two", version }, x);
    expect(Array.from(reply.outputs.y?.data as Float32Array)).toEqual([3.5, 4.5]);
    expect(reply.spec?.versionChoice.value).toMatchObject({ value: version });
  }
  const { body } = await request(`${serving.rest}/v1/models/half_plus_two/versions/1:predict`, '{"instances": [3.0]}');
  expect(body).toEqual({ predictions: [3.5] });
});

test("the table names every model, and the curl lines work when pasted", async () => {
  for (const name of ["half_plus_two", "mnist", "mnist_onnx", "deepfm", "iris", "palindrome"]) {
    expect(serving.stdout).toMatch(new RegExp(`^${name} +\\d+ .*serving_default`, "m"));
  }
  const lines = serving.stdout.split("\n").filter((line) => line.includes("curl "));
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    const { stdout } = await promisify(execFile)("sh", ["-c", line]);
    expect(JSON.parse(stdout)).toHaveProperty("outputs");
  }
});

test("health: alive and ready over REST", async () => {
  expect((await request(`${serving.rest}/healthz`)).status).toBe(200);
  expect((await request(`${serving.rest}/readyz`)).status).toBe(200);
});

test("cold start", async ({ annotate }) => {
  const line = `process start to ready: ${(serving.startedIn / 1000).toFixed(2)} s`;
  console.log(line);
  await annotate(line);
});

test("SIGTERM drains and leaves with 0", async () => {
  const file = await writeConfig(folder.path, `models: { m: { path: ${join(quickstart, "models/half_plus_two")} } }\n`);
  const own = await serve(file);
  const { code } = await own.stop();
  expect(code).toBe(0);
});
