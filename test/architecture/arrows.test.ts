import { describe, expect, test } from "vitest";
import { wrongArrow, wrongPackage } from "./arrows.js";
import { importsOf, read, sourcesIn } from "./tree.js";

describe("the rule", () => {
  const arrow = (from: string, to: string) => wrongArrow({ from, to, own: true });

  test.each([
    ["core/server.ts", "core/lifecycle/manager.ts"],
    ["core/testing/fake-host.ts", "core/container.ts"],
    ["protos/wire/reader.ts", "core/index.ts"],
    ["protos/tensor/decode.ts", "protos/wire/reader.ts"],
    ["formats/tensor-bundle/bundle.ts", "protos/tensor/dtype.ts"],
    ["plugins/servables/savedmodel/variables.ts", "formats/tensor-bundle/bundle.ts"],
    ["artifacts/archives/zip.ts", "core/index.ts"],
    ["plugins/sources/http/http.ts", "artifacts/publish-guard.ts"],
    ["plugins/index.ts", "plugins/servables/onnx/index.ts"],
    ["plugins/io-thread.worker.ts", "plugins/index.ts"],
    ["plugins/servables/onnx/loader.ts", "core/index.ts"],
    ["plugins/servables/onnx/loader.ts", "plugins/servables/onnx/files.ts"],
    ["plugins/servables/savedmodel/engines/onnx.ts", "plugins/runtimes/onnxruntime/index.ts"],
    ["plugins/servables/savedmodel/reader/graph.ts", "protos/gen/graph_pb.ts"],
    ["plugins/runtimes/onnxruntime/ffi/api.ts", "plugins/runtimes/native/index.ts"],
    ["cli/main.ts", "core/config/schema.ts"],
    ["cli/main.ts", "plugins/index.ts"],
  ])("lets %s know %s", (from, to) => {
    expect(arrow(from, to)).toBeUndefined();
  });

  test.each([
    ["core/server.ts", "plugins/index.ts"],
    ["core/server.ts", "protos/wire/reader.ts"],
    ["core/server.ts", "cli/main.ts"],
    ["core/server.ts", "core/testing/fake-host.ts"],
    ["core/server.ts", "test/support/fakes.ts"],
    ["protos/wire/reader.ts", "core/errors.ts"],
    ["protos/wire/reader.ts", "plugins/transports/grpc/status.ts"],
    ["protos/tensor/decode.ts", "formats/tensor-bundle/bundle.ts"],
    ["formats/tensor-bundle/bundle.ts", "plugins/servables/onnx/files.ts"],
    ["artifacts/archives/zip.ts", "formats/npy/npz.ts"],
    ["plugins/sources/http/http.ts", "plugins/sources/s3/client.ts"],
    ["plugins/index.ts", "plugins/servables/onnx/loader.ts"],
    ["plugins/io-thread.worker.ts", "plugins/servables/onnx/index.ts"],
    ["plugins/servables/onnx/loader.ts", "core/tensor.ts"],
    ["plugins/servables/onnx/loader.ts", "plugins/servables/savedmodel/index.ts"],
    ["plugins/servables/onnx/loader.ts", "plugins/runtimes/onnxruntime/ffi/api.ts"],
    ["plugins/servables/onnx/loader.ts", "plugins/index.ts"],
    ["plugins/servables/onnx/loader.ts", "cli/main.ts"],
    ["plugins/transports/rest/app.ts", "plugins/servables/onnx/index.ts"],
    ["plugins/transports/rest/app.ts", "plugins/transports/grpc/status.ts"],
    ["plugins/transports/rest/app.ts", "plugins/runtimes/onnxruntime/index.ts"],
    ["plugins/runtimes/libtensorflow/session.ts", "plugins/runtimes/onnxruntime/index.ts"],
    ["plugins/runtimes/onnxruntime/session.ts", "plugins/servables/onnx/index.ts"],
  ])("keeps %s from %s", (from, to) => {
    expect(arrow(from, to)).toMatch(/\w/);
  });

  test.each([
    ["usearch", "plugins/servables/embedding/index/usearch.ts", "plugins/servables/embedding/loader.ts"],
    ["sharp", "plugins/servables/transform/ops/image.ts", "plugins/servables/onnx/loader.ts"],
    ["@huggingface/tokenizers", "plugins/servables/vocabulary/index.ts", "core/index.ts"],
    ["@tensorflow/tfjs", "plugins/servables/tfjs/doctor.ts", "plugins/servables/savedmodel/loader.ts"],
    ["@tensorflow/tfjs-backend-wasm", "plugins/servables/tfjs/doctor.ts", "cli/main.ts"],
  ])("the package %s is for %s and not for %s", (to, keeper, stranger) => {
    expect(wrongPackage({ from: keeper, to, own: false })).toBeUndefined();
    expect(wrongPackage({ from: stranger, to, own: false })).toMatch(/another keeper/);
  });

  test("static, dynamic, side-effect, re-exporting and type imports are all seen", () => {
    const text = `
      import "./a.js";
      import type { B } from "./b.js";
      export * from "../c.js";
      const d = await import("./d.js");
      type E = import("./e.js").E;
      import zod from "zod";`;
    expect(importsOf("core/x/y.ts", text).map((each) => each.to)).toEqual(
      expect.arrayContaining(["core/x/a.ts", "core/x/b.ts", "core/c.ts", "core/x/d.ts", "core/x/e.ts", "zod"]),
    );
  });
});

test("arrows run from the command line over the plugins to the core", async () => {
  const paths = await sourcesIn("core", "protos", "formats", "artifacts", "plugins", "cli");
  expect(paths.length).toBeGreaterThan(50);
  const wrong: string[] = [];
  for (const path of paths) {
    for (const each of importsOf(path, await read(path))) {
      const reason = each.own ? wrongArrow(each) : wrongPackage(each);
      if (reason) wrong.push(`${each.from} imports ${each.to}: ${reason}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("every import leads to a file that exists", async () => {
  const paths = await sourcesIn("core", "protos", "formats", "artifacts", "plugins", "cli");
  const known = new Set(paths);
  const missing: string[] = [];
  for (const path of paths) {
    for (const each of importsOf(path, await read(path))) {
      if (each.own && each.to.endsWith(".ts") && !known.has(each.to)) missing.push(`${path} imports ${each.to}`);
    }
  }
  expect(missing).toEqual([]);
});
