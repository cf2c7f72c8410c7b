import { invalidArgument, resourceExhausted } from "../errors.js";
import type { Feature } from "../example.js";
import { formatShape, type TensorSpec } from "../signature.js";
import { elementCount, type NumericDType, type Tensor, tensor } from "../tensor.js";
import { byteSize, featureKind, fill, kindNames } from "./feature-types.js";

/** The largest tensor that features are stacked into, in bytes; a shared context makes it larger than the request. */
const LARGEST = 2 ** 30;

/** One input being made of a feature of each example. */
export interface Stack {
  /** @throws ServingError INVALID_ARGUMENT when the feature does not fit the input */
  add(feature: Feature | undefined, index: number): void;
  /** Undefined when the input may be left out and no example has the feature. */
  tensor(): Tensor | undefined;
}

/** Texts are those of TensorFlow's parsing of examples, which has no names for examples here. */
const wrong = (name: string, index: number, what: string) =>
  invalidArgument(`Name: <unknown>, Key: ${name}, Index: ${index}.  ${what}`);

/**
 * Stacks the features `name` of `count` examples into a tensor `[count, …]` of the input's type. How many values each
 * has says the signature; a single open dimension after the first, and an open rank, follow the first example.
 * @throws ServingError INVALID_ARGUMENT for an input that no features can fill
 */
export function createStack(name: string, spec: TensorSpec, count: number, optional: boolean): Stack {
  const { dtype } = spec;
  const kind = featureKind(dtype);
  if (kind === undefined) {
    throw invalidArgument(
      `input "${name}" is of type ${dtype}, and features are floats, int64s or bytes: use Predict instead`,
    );
  }
  const values: Feature[] = [];
  let inner: readonly number[] | undefined;
  let wanted = -1;

  /** The shape of one example's part, settled by the first one. */
  const settle = (first: number): void => {
    inner = innerShape(name, spec.shape, count, first);
    wanted = elementCount(inner);
    const size = count * wanted * byteSize(dtype);
    if (size > LARGEST) {
      throw resourceExhausted(`input "${name}" would take ${size} bytes, the limit is ${LARGEST}: send fewer examples`);
    }
  };

  return {
    add: (feature, index) => {
      if (feature === undefined) {
        if (optional && values.length === 0) return;
        throw invalidArgument(
          `Name: <unknown>, Feature: ${name} (data type: ${kindNames[kind]}) is required but could not be found.`,
        );
      }
      if (values.length < index) {
        throw invalidArgument(
          `Feature: ${name} is in example ${index} but not in those before: give it to all or to none`,
        );
      }
      if (feature.kind !== kind) {
        const came = kindNames[feature.kind];
        throw wrong(name, index, `Data types don't match. Data type: ${came} but expected type: ${kindNames[kind]}`);
      }
      const { length } = feature.values;
      if (inner === undefined) settle(length);
      if (length !== wanted) {
        throw wrong(
          name,
          index,
          `Number of ${kindNames[kind]} values != expected.  Values size: ${length} but output shape: ` +
            formatShape(inner as readonly number[]),
        );
      }
      values.push(feature);
    },
    tensor: () => {
      if (inner === undefined) return undefined;
      const shape = spec.shape?.length === 0 ? [] : [count, ...inner];
      if (dtype === "string") {
        const items = values.flatMap((feature) => (feature.kind === "bytes" ? feature.values : []));
        return tensor("string", shape, items);
      }
      return tensor<NumericDType>(dtype, shape, fill(name, dtype, values, count * wanted)) as Tensor;
    },
  };
}

function innerShape(name: string, shape: readonly number[] | null, count: number, first: number): readonly number[] {
  if (shape === null) return first === 1 ? [] : [first];
  if (shape.length === 0 && count > 1) {
    throw invalidArgument(`input "${name}" is a scalar: it takes one example a request, not ${count}`);
  }
  const inner = shape.slice(1);
  const open = inner.indexOf(-1);
  if (open < 0) return inner;
  if (inner.lastIndexOf(-1) !== open) {
    throw invalidArgument(
      `input "${name}" has the shape ${formatShape(shape)}: features are flat lists, which do not say how to fill more ` +
        `than one open dimension after the first; use Predict instead`,
    );
  }
  const row = elementCount(inner.filter((size) => size !== -1));
  if (row === 0 || first % row !== 0) {
    throw wrong(
      name,
      0,
      `Number of values is not a multiple of stride length. Saw ${first} values but output shape is: ${formatShape(inner)}`,
    );
  }
  return inner.map((size) => (size === -1 ? first / row : size));
}
