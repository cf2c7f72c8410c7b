import { tensor } from "salver";
import { describe, expect, test } from "vitest";
import { check } from "../../bench/harness/contender.js";
import { grpcFrame, predictRequest, restBody, restOutputs } from "../../bench/harness/wire.js";
import { decodeInputs } from "../../protos/serving/decode-inputs.js";
import { readPredictRequest } from "../../protos/serving/predict-request.js";

const x = tensor("float32", [2, 2], Float32Array.of(0.1, 1 / 17, 3, 1e-9));
const ids = tensor("int64", [2], BigInt64Array.of(1n, 2n));

describe("requests of the benchmarks", () => {
  test.each([false, true])("carry the inputs over gRPC, tensor_content %s", (content) => {
    const { inputs, spec } = readPredictRequest(predictRequest("m", { x, ids }, { content }));
    expect(spec?.name).toBe("m");
    expect(decodeInputs(inputs)).toEqual({ x, ids });
  });

  test("are framed by their length", () => {
    expect([...grpcFrame(Uint8Array.of(7, 8))]).toEqual([0, 0, 0, 0, 2, 7, 8]);
  });

  test("are rows over REST, with the digits that float32 needs", () => {
    expect(restBody({ x })).toBe('{"instances":[[0.1,0.05882353],[3,1e-9]]}');
    expect(restBody({ x, ids })).toBe('{"instances":[{"x":[0.1,0.05882353],"ids":1},{"x":[3,1e-9],"ids":2}]}');
  });
});

describe("answers over REST", () => {
  const y = { y: tensor("float64", [2], Float64Array.of(1, 2)) };

  test("are columns again", () => {
    expect(restOutputs('{"predictions":[1,2]}', ["y"])).toEqual(y);
    expect(restOutputs('{"predictions":[{"y":1,"z":3},{"y":2,"z":4}]}', ["y", "z"]).y).toEqual(y.y);
  });

  test("that differ end the run", () => {
    expect(() => check(restOutputs('{"predictions":[1,2.5]}', ["y"]), y)).toThrow("output y: 2.5, not 2");
    expect(() => check(restOutputs('{"predictions":[1]}', ["y"]), y)).toThrow("output y: 1 values, not 2");
  });
});
