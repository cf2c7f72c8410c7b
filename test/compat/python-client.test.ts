import { spawnSync } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quickstart, workFolder } from "../e2e/support/config.js";
import { freePorts, type ModelServer, modelServer } from "../e2e/support/model-server.js";
import { servingDescriptors } from "./descriptors.js";

/** A Python with grpcio and protobuf, and tensorflow for the last check. */
const python = process.env.SALVER_TEST_PYTHON || "python3";
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const halfPlusTwo = join(quickstart, "models/half_plus_two");

const finds = (module: string) =>
  spawnSync(python, ["-c", `import importlib.util as i; assert i.find_spec(${JSON.stringify(module)})`]).status === 0;
const ready = finds("grpc") && finds("google.protobuf.message_factory");
const skipped = ready ? "" : " (skipped: SALVER_TEST_PYTHON or python3 has no grpcio and protobuf)";

describe.skipIf(!ready)(`a client of TensorFlow Serving's Python stubs${skipped}`, () => {
  let folder: Awaited<ReturnType<typeof workFolder>>;
  let server: ModelServer | undefined;
  let address: string;

  beforeAll(async () => {
    folder = await workFolder();
    await writeFile(join(folder.path, "descriptors"), servingDescriptors());
    const models = {
      int64: "dtype_int64",
      uint64: "dtype_uint64",
      string: "dtype_string",
      scores: "linear_classifier",
    };
    for (const [name, file] of Object.entries(models)) {
      await mkdir(join(folder.path, name, "1"), { recursive: true });
      await cp(here(`../fixtures/onnx/${file}.onnx`), join(folder.path, name, "1/model.onnx"));
    }
    const onnx = Object.keys(models).map(
      (name) => `config { name: "${name}" base_path: "${join(folder.path, name)}" model_platform: "onnx" }`,
    );
    const text = `model_config_list {
      config { name: "half" base_path: "${halfPlusTwo}" model_platform: "tensorflow"
        model_version_policy { all {} } version_labels { key: "old" value: 1 } }
      ${onnx.join("\n")} }`;
    await writeFile(join(folder.path, "models.config"), text);
    const [port] = (await freePorts(1)) as [number];
    address = `127.0.0.1:${port}`;
    server = modelServer([
      `--port=${port}`,
      `--model_config_file=${join(folder.path, "models.config")}`,
      "--allow_version_labels_for_unavailable_models",
    ]);
    await server.logged("Running gRPC ModelServer at");
  });
  afterAll(async () => {
    await server?.stop();
    await folder?.[Symbol.asyncDispose]();
  });

  const run = (check: string) => {
    const args = [here("client.py"), join(folder.path, "descriptors"), address, check, halfPlusTwo];
    const { status, stderr } = spawnSync(python, args, {
      encoding: "utf8",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    expect(status, stderr).toBe(0);
  };

  test.each([
    ["Predict: values, versions, labels, tensors in short and as bytes", "predict"],
    ["Predict: 64-bit integers and bytes exactly, both ways", "exact"],
    ["Predict: codes and texts of errors", "predict_errors"],
    ["Classify", "classify"],
    ["Regress", "regress"],
    ["MultiInference", "multi_inference"],
    ["GetModelMetadata", "get_model_metadata"],
    ["GetModelStatus", "get_model_status"],
  ])("%s", (_what, check) => run(check));

  test("tensors by TensorFlow's own conversions", (ctx) => {
    if (!finds("tensorflow")) ctx.skip("SALVER_TEST_PYTHON or python3 has no tensorflow");
    run("tensorflow");
  });

  // Takes models away, so it is the last.
  test("HandleReloadConfigRequest", () => run("reload"));
});
