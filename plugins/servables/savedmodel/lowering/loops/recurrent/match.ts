import { attributesOf } from "../../../graph/attributes.js";
import type { Body } from "../../../graph/graph.js";
import { behindIdentities } from "../../../graph/identities.js";
import type { Output } from "../../../graph/node.js";
import { integerOf } from "../shape.js";

export type Test = (output: Output) => boolean;

/** Recognises the shape of a computation in a loop's body. */
export interface Matcher {
  /** The inputs of the operator that yields it. */
  inputsOf(output: Output): readonly Output[];
  /** Whether it is that very tensor. */
  is(wanted: Output): Test;
  /** Whether an operator with exactly these inputs yields it. */
  by(op: string, ...inputs: readonly Test[]): Test;
  /** The same for two inputs in either order. */
  either(op: string, a: Test, b: Test): Test;
  /** A product of two matrices as they are. */
  product(a: Test, b: Test): Test;
  /** One of the parts that a split into `count` along the last of two dimensions yields. */
  part(count: number, index: number, whole: Test): Test;
  integer(value: number): Test;
  /** A constant scalar of any type. */
  number(value: number): Test;
}

const same = (a: Output, b: Output) => a.node === b.node && a.index === b.index;

/** Anything at all, kept for later. */
export function capture(): Test & { found(): Output } {
  let kept: Output | undefined;
  const test = (output: Output) => {
    kept = output;
    return true;
  };
  return Object.assign(test, { found: () => kept! });
}

/** Anything at all, but whenever it is asked the same. */
export function shared(): Test & { found(): Output } {
  let kept: Output | undefined;
  const test = (output: Output) => {
    kept ??= output;
    return same(kept, output);
  };
  return Object.assign(test, { found: () => kept! });
}

export function createMatcher(body: Body): Matcher {
  const plain = (output: Output) => behindIdentities(body, output);
  const inputsBy = (output: Output, op: string) => {
    const { node } = plain(output);
    return node.op === op ? body.inputs(node) : undefined;
  };
  const matcher: Matcher = {
    inputsOf: (output) => body.inputs(plain(output).node),
    is: (wanted) => {
      const source = plain(wanted);
      return (output) => same(plain(output), source);
    },
    by: (op, ...tests) => {
      return (output) => {
        const inputs = inputsBy(output, op);
        return inputs?.length === tests.length && tests.every((test, i) => test(inputs[i]!));
      };
    },
    either: (op, a, b) => {
      return (output) => {
        const [x, y] = inputsBy(output, op) ?? [];
        return x !== undefined && y !== undefined && ((a(x) && b(y)) || (a(y) && b(x)));
      };
    },
    product: (a, b) => {
      const inputs = matcher.by("MatMul", a, b);
      return (output) => {
        const { node } = plain(output);
        if (node.op !== "MatMul") return false;
        const attrs = attributesOf(node.def, node.opDef);
        return !attrs.flag("transpose_a", false) && !attrs.flag("transpose_b", false) && inputs(output);
      };
    },
    part: (count, index, whole) => {
      return (output) => {
        const { node, index: number } = plain(output);
        if (node.op !== "Split" || number !== index) return false;
        const [axis, value] = body.inputs(node);
        const at = axis && integerOf(body, axis);
        const parts = attributesOf(node.def, node.opDef).int("num_split");
        return parts === count && (at === 1 || at === -1) && value !== undefined && whole(value);
      };
    },
    number: (value) => (output) => {
      const { node } = plain(output);
      if (node.op !== "Const") return false;
      const { shape, data } = attributesOf(node.def, node.opDef).tensor("value");
      return shape.length === 0 && Number(data[0]) === value;
    },
    integer: (value) => (output) => integerOf(body, output) === value,
  };
  return matcher;
}
