import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { isInlineSafe } from "../../../../plugins/runtimes/onnxruntime/inline-safe.js";
import { fixture } from "./models.js";

it.each(["fixed_shape", "symbolic_dims", "linear_classifier", "dtype_string", "several"])("%s is", async (name) => {
  const { path } = fixture(name);
  expect(await isInlineSafe({ path })).toBe(true);
  expect(await isInlineSafe({ bytes: readFileSync(path) })).toBe(true);
});

it.each(["slow_loop", "if", "fill", "unknown_op", "truncated", "not_protobuf"])("%s is not", async (name) => {
  expect(await isInlineSafe({ path: fixture(name).path })).toBe(false);
});

it("a file that is not there is not", async () => {
  expect(await isInlineSafe({ path: "/no/such/model.onnx" })).toBe(false);
});
