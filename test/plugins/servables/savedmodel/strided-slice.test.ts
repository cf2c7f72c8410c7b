import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Masks,
  rangeOf,
  slicedShape,
  stepsOf,
} from "../../../../plugins/servables/savedmodel/lowering/strided-slice.js";

const none: Masks = { begin: 0, end: 0, ellipsis: 0, newAxis: 0, shrinkAxis: 0 };

/** Python's own definition: clamp, then walk. Written index by index, without the reader's arithmetic. */
function pythonRange(begin: number | undefined, end: number | undefined, stride: number, size: number): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  const at = (value: number) => (value < 0 ? value + size : value);
  const kept = all.filter((i) => {
    if (stride > 0) return (begin === undefined || i >= at(begin)) && (end === undefined || i < at(end));
    return (begin === undefined || i <= at(begin)) && (end === undefined || i > at(end));
  });
  const walked = stride > 0 ? kept : kept.reverse();
  return walked.filter((_, i) => i % Math.abs(stride) === 0);
}

const bound = fc.option(fc.integer({ min: -12, max: 12 }), { nil: undefined });
const stride = fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0);

describe("strided slices", () => {
  it("take the indices that Python takes", () => {
    fc.assert(
      fc.property(bound, bound, stride, fc.nat(9), (begin, end, step, size) => {
        const taken = rangeOf({ kind: "range", begin, end, stride: step }, size);
        expect(taken).toEqual(pythonRange(begin, end, step, size));
      }),
      { numRuns: 2000 },
    );
  });

  it("have the shape of what they take, and know no more than their input", () => {
    const dimension = fc.record({
      begin: fc.integer({ min: -6, max: 6 }),
      end: fc.integer({ min: -6, max: 6 }),
      stride,
    });
    fc.assert(
      fc.property(
        fc.array(dimension, { maxLength: 3 }),
        fc.array(fc.nat(5), { minLength: 3, maxLength: 5 }),
        (dims, shape) => {
          const begin = dims.map((dim) => dim.begin);
          const end = dims.map((dim) => dim.end);
          const strides = dims.map((dim) => dim.stride);
          const steps = stepsOf(begin, end, strides, none)!;
          const known = slicedShape(steps, shape)!;
          const open = slicedShape(
            steps,
            shape.map(() => -1),
          )!;
          expect(known).toEqual(
            shape.map((size, d) => (dims[d] ? pythonRange(begin[d], end[d], strides[d]!, size).length : size)),
          );
          expect(open).toEqual(shape.map(() => -1));
        },
      ),
    );
  });

  it("read masks in TensorFlow's order: ellipsis, new axis, index, range", () => {
    const all = { begin: 1, end: 1, ellipsis: 1, newAxis: 1, shrinkAxis: 1 };
    expect(stepsOf([1], [2], [1], all)).toEqual([{ kind: "rest" }]);
    expect(stepsOf([1], [2], [1], { ...all, ellipsis: 0 })?.[0]).toEqual({ kind: "new" });
    expect(stepsOf([1], [2], [1], { ...all, ellipsis: 0, newAxis: 0 })?.[0]).toEqual({ kind: "index", at: 1 });
  });

  it("refuse what TensorFlow refuses", () => {
    expect(stepsOf([0], [1], [0], none)).toBeUndefined();
    expect(stepsOf([0], [1], [-1], { ...none, shrinkAxis: 1 })).toBeUndefined();
    expect(stepsOf([0, 0], [1, 1], [1, 1], { ...none, ellipsis: 3 })).toBeUndefined();
    expect(slicedShape(stepsOf([0, 0], [1, 1], [1, 1], none)!, [5])).toBeUndefined();
  });
});
