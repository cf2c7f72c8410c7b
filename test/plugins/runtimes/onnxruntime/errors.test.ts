import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServingError } from "../../../../core/index.js";
import { cancelled, cleanText, loadError, OrtCode, runError } from "../../../../plugins/runtimes/onnxruntime/errors.js";

const reshape =
  "Non-zero status code returned while running Reshape node. Name:'' Status Message: " +
  "/onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:45 onnxruntime::ReshapeHelper::ReshapeHelper(" +
  "const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == size was false. The input " +
  "tensor cannot be reshaped to the requested shape. Input shape:{6}, requested shape:{4,4}";

describe("cleanText", () => {
  it("drops the source's path and signature, and keeps the reason", () => {
    expect(cleanText(reshape)).toBe(
      "Non-zero status code returned while running Reshape node. Name:'' Status Message: input_shape_size == size was " +
        "false. The input tensor cannot be reshaped to the requested shape. Input shape:{6}, requested shape:{4,4}",
    );
  });

  it("drops signatures with nested parentheses, const and template arguments", () => {
    const text =
      "/onnxruntime_src/onnxruntime/core/a.cc:7 void onnxruntime::F<T>::G(std::function<void(int)>, int) const " +
      "[with T = float] it broke";
    expect(cleanText(text)).toBe("it broke");
    expect(cleanText("C:\\a\\onnxruntime\\core\\b.cc:12 onnxruntime::F::H(int) it broke")).toBe("it broke");
    expect(cleanText("/onnxruntime_src/onnxruntime/core/c.cc:9 operator()::<lambda(int)> it broke")).toBe("it broke");
  });

  it("keeps the names of files and drops their folders", () => {
    expect(cleanText("Load model from /srv/models/a b/m.onnx failed: x/y")).not.toContain("/srv");
    expect(cleanText('open file "/srv/models/weights.bin" fail')).toBe('open file "weights.bin" fail');
  });

  it("leaves other text alone, and never fails", () => {
    expect(cleanText("Got: 3 Expected: 2, a/b, (1)")).toBe("Got: 3 Expected: 2, a/b, (1)");
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = cleanText(`${before} /onnxruntime_src/onnxruntime/core/x.cc:3 ${after}`);
        expect(text).not.toContain("x.cc:3");
      }),
    );
  });
});

describe("codes", () => {
  it.each([
    [OrtCode.FAIL, reshape, "INVALID_ARGUMENT"],
    [OrtCode.INVALID_ARGUMENT, "Got invalid dimensions for input: x", "INVALID_ARGUMENT"],
    [
      OrtCode.FAIL,
      "Non-zero status code returned while running X node: Failed to allocate memory",
      "RESOURCE_EXHAUSTED",
    ],
    [OrtCode.RUNTIME_EXCEPTION, "std::bad_alloc", "RESOURCE_EXHAUSTED"],
    [OrtCode.NOT_IMPLEMENTED, "Could not find an implementation", "UNIMPLEMENTED"],
    [OrtCode.EP_FAIL, "Non-zero status code returned while running Conv node: device lost", "INTERNAL"],
    [OrtCode.FAIL, "Non-zero status code returned while running Conv node: CUDA failure 700", "INTERNAL"],
    [OrtCode.FAIL, "something else", "INTERNAL"],
  ])("a run that fails with %i %j is %s", (code, text, wanted) => {
    expect(runError({ code, text }).code).toBe(wanted);
  });

  it.each([
    [OrtCode.NO_SUCHFILE, "FAILED_PRECONDITION"],
    [OrtCode.INVALID_PROTOBUF, "INVALID_ARGUMENT"],
    [OrtCode.INVALID_GRAPH, "INVALID_ARGUMENT"],
    [OrtCode.NOT_IMPLEMENTED, "UNIMPLEMENTED"],
    [OrtCode.FAIL, "FAILED_PRECONDITION"],
  ])("a load that fails with %i is %s and names the file", (code, wanted) => {
    const error = loadError({ code, text: "why" }, "model.onnx");
    expect(error).toMatchObject({ code: wanted, message: "model.onnx does not load: why" });
  });

  it("a cancelled run ends with the signal's own error, or CANCELLED", () => {
    const late = new ServingError("DEADLINE_EXCEEDED", "late");
    expect(cancelled(AbortSignal.abort(late))).toBe(late);
    expect(cancelled(AbortSignal.abort("bye"))).toMatchObject({ code: "CANCELLED", cause: "bye" });
  });
});
