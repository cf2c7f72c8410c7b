import { describe, expect, it } from "vitest";
import { tensor } from "../../../../core/index.js";
import { conformance } from "./conformance.js";
import { fixture, never, open, withSession } from "./models.js";

const noType = "onnxruntime-node has no such element type";

describe("engine binding", () => {
  conformance(
    "binding",
    {},
    {
      dtype_bfloat16: noType,
      dtype_float8e4m3fn: noType,
      dtype_float8e4m3fnuz: noType,
      dtype_float8e5m2: noType,
      dtype_float8e5m2fnuz: noType,
      "dtype_string: any bytes": "onnxruntime-node's strings are text, and end at the first NUL",
      overridable_initializer: "onnxruntime-node ignores initializers that a caller feeds",
      "tells a scalar from a tensor of any rank": "onnxruntime-node describes both alike",
      "stops a run under way with the signal's own error": "onnxruntime-node cannot stop a run",
    },
  );

  it("refuses what it would get wrong, instead of answering wrongly", async () => {
    await expect(open(fixture("dtype_bfloat16").path, { engine: "binding" })).rejects.toMatchObject({
      code: "UNIMPLEMENTED",
      message: expect.stringContaining("use engine ffi"),
    });
    await withSession(fixture("dtype_string").path, { engine: "binding" }, async (session) => {
      for (const bytes of [
        [97, 0, 98],
        [0xff, 0xfe],
      ]) {
        const x = tensor("string", [1, 2], [new Uint8Array(bytes), new Uint8Array([97])]);
        await expect(session.run({ x }, [], never())).rejects.toMatchObject({
          code: "INVALID_ARGUMENT",
          message: expect.stringContaining('input "x"'),
        });
      }
    });
    await withSession(fixture("overridable_initializer").path, { engine: "binding" }, async (session) => {
      const x = tensor("float32", [1, 3], new Float32Array(3));
      const bias = tensor("float32", [3], new Float32Array(3));
      await expect(session.run({ x, bias }, [], never())).rejects.toThrow('the model has no input "bias"');
    });
  });
});
