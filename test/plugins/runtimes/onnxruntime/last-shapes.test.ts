import { describe, expect, it } from "vitest";
import { strings, type Tensors, tensor } from "../../../../core/index.js";
import { createLastShapes } from "../../../../plugins/runtimes/onnxruntime/ffi/last-shapes.js";

const f32 = (...shape: number[]) => tensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
const given: Tensors = { a: f32(2, 3), b: f32() };

describe("createLastShapes", () => {
  it("knows the outputs' shapes of the run before, for inputs of the same names and shapes", () => {
    const last = createLastShapes();
    expect(last.outputsFor(given, ["y"])).toBeUndefined();
    last.note(given, ["y"], { y: f32(2, 1) });
    expect(last.outputsFor({ a: f32(2, 3), b: f32() }, ["y"])).toEqual([[2, 1]]);
  });

  it.each<[string, Tensors, readonly string[]]>([
    ["another shape", { a: f32(2, 4), b: f32() }, ["y"]],
    ["another rank", { a: f32(2, 3, 1), b: f32() }, ["y"]],
    ["an input less", { a: f32(2, 3) }, ["y"]],
    ["an input more", { ...given, c: f32() }, ["y"]],
    ["another input", { a: f32(2, 3), c: f32() }, ["y"]],
    ["another output", given, ["z"]],
    ["an output more", given, ["y", "z"]],
  ])("says nothing of %s", (_, inputs, outputs) => {
    const last = createLastShapes();
    last.note(given, ["y"], { y: f32(2, 1) });
    expect(last.outputsFor(inputs, outputs)).toBeUndefined();
  });

  it.each<[string, Tensors]>([
    ["texts", { y: strings(["a"]) }],
    ["nothing", { y: f32(0, 2) }],
    ["much", { y: f32(5000) }],
  ])("remembers no outputs of %s", (_, results) => {
    const last = createLastShapes();
    last.note(given, ["y"], { y: f32(2, 1) });
    last.note(given, ["y"], results);
    expect(last.outputsFor(given, ["y"])).toBeUndefined();
  });

  it("remembers nothing any more once it was wrong", () => {
    const last = createLastShapes();
    last.note(given, ["y"], { y: f32(2, 1) });
    last.distrust();
    last.note(given, ["y"], { y: f32(2, 1) });
    expect(last.outputsFor(given, ["y"])).toBeUndefined();
  });
});
