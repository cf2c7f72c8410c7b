import assert from "node:assert/strict";
import { shapeFits, type TensorSpec } from "../signature.js";
import { bytesOf, elementCount, layouts, type Tensor, type Tensors } from "../tensor.js";

const tolerant: ReadonlySet<string> = new Set(["float32", "float64", "complex64", "complex128"]);

/** A copy that shares no memory with `tensors`. */
export function copyTensors(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      {
        ...tensor,
        data: tensor.dtype === "string" ? tensor.data.map((item) => Uint8Array.from(item)) : tensor.data.slice(),
      } as Tensor,
    ]),
  );
}

function assertClose(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string) {
  for (let i = 0; i < wanted.length; i++) {
    const [a = Number.NaN, b = Number.NaN] = [got[i], wanted[i]];
    if (Object.is(a, b) || a === b) continue;
    const close = Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    assert.ok(close, `${what}: element ${i} is ${a}, expected ${b}`);
  }
}

/**
 * Dtypes, shapes and elements are equal; elements of floating point up to `tolerance`, absolute for magnitudes below 1
 * and relative above. Other elements are compared bit by bit.
 * @throws AssertionError that names the tensor and the first element that differs
 */
export function assertSameTensors(got: Tensors, wanted: Tensors, tolerance = 0): void {
  assert.deepEqual(Object.keys(got).sort(), Object.keys(wanted).sort(), "names");
  for (const [name, expected] of Object.entries(wanted)) {
    const actual = got[name] as Tensor;
    assert.equal(actual.dtype, expected.dtype, `${name}: dtype`);
    assert.deepEqual([...actual.shape], [...expected.shape], `${name}: shape`);
    assert.equal(actual.data.length, expected.data.length, `${name}: length`);
    if (actual.dtype === "string" || expected.dtype === "string") {
      const hex = (tensor: Tensor) =>
        (tensor.data as readonly Uint8Array[]).map((item) => Buffer.from(item).toString("hex"));
      assert.deepEqual(hex(actual), hex(expected), `${name}: strings, in hex`);
    } else if (tolerant.has(actual.dtype)) {
      assertClose(actual.data as Float64Array, expected.data as Float64Array, tolerance, name);
    } else {
      assert.ok(Buffer.from(bytesOf(actual.data)).equals(bytesOf(expected.data)), `${name}: elements differ`);
    }
  }
}

/** The tensor is what `spec` declares, and its data is as long as its shape says. */
export function assertFits(tensor: Tensor | undefined, spec: TensorSpec, what: string): void {
  assert.ok(tensor, `${what} is missing`);
  assert.equal(tensor.dtype, spec.dtype, `${what}: dtype`);
  const declared = JSON.stringify(spec.shape);
  assert.ok(shapeFits(tensor.shape, spec.shape), `${what}: shape [${tensor.shape}] where ${declared} is declared`);
  const items = tensor.dtype === "string" ? 1 : layouts[tensor.dtype].items;
  assert.equal(tensor.data.length, elementCount(tensor.shape) * items, `${what}: length of the data`);
}
