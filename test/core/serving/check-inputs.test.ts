import { type Signature, type Tensors, tensor } from "salver";
import { describe, expect, test } from "vitest";
import { checkInputs } from "../../../core/serving/check-inputs.js";

const one = tensor("float32", [1], Float32Array.of(1));
const float = { dtype: "float32", shape: [-1] } as const;
const signature: Signature = {
  inputs: { x: { ...float, name: "feed:0" }, scale: float },
  outputs: {},
  defaults: { scale: tensor("float32", [], Float32Array.of(3)) },
};
const check = (inputs: Tensors) => checkInputs("serving_default", signature, inputs);

describe("a signature with defaults", () => {
  test("gives what a call leaves out, and no more", () => {
    expect(check({ x: one })).toEqual({ x: one, scale: signature.defaults?.scale });
    expect(check({ x: one, scale: one })).toEqual({ x: one, scale: one });
  });

  test.each<[string, Tensors, string]>([
    [
      "an input without a default",
      {},
      "Signature input alias: x(feed name: feed:0) not found in request and no default value provided. Inputs expected to be in the request {}, or default input alias set: scale",
    ],
    [
      "a name that is none",
      { x: one, y: one },
      "Inputs contains invalid name. Used request inputs: x, request input: x,y",
    ],
    [
      "too many",
      { x: one, y: one, z: one },
      "input size does not match signature: 3!=2 len({x,y,z}) != len({scale,x}). Sent extra: {y,z}. Missing but required: {}.",
    ],
  ])("names %s", (_what, inputs, message) => {
    expect(() => check(inputs)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });
});
