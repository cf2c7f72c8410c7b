import type { DType, Tensor } from "../../../../core/index.js";
import type { Attributes } from "../graph/attributes.js";
import type { Body } from "../graph/graph.js";
import type { Node } from "../graph/node.js";
import type { Attribute } from "../onnx/graph.js";
import type { HostOp } from "../steps/host-op.js";
import type { Builder } from "./builder.js";
import type { Constant } from "./constant.js";
import type { Shape, Value } from "./value.js";

/** What a rule works with: one node, what flows into it, and the ONNX graph it writes to. */
export interface RuleContext {
  readonly node: Node;
  readonly attrs: Attributes;
  readonly inputs: readonly Value[];
  /** The dtypes of the node's outputs. */
  readonly dtypes: readonly DType[];
  /** @throws Refusal when the node has no such input */
  input(index: number): Value;
  /** Emits one ONNX node with one output. Inputs are values (in TensorFlow's order of dimensions), names or "". */
  emit(op: string, inputs: readonly (Value | string)[], attributes?: Readonly<Record<string, Attribute>>): string;
  emitMany(
    op: string,
    inputs: readonly (Value | string)[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
  ): readonly string[];
  plain(value: Value): string;
  channelsFirst(value: Value): string;
  /** The name of a constant; a constant is written once however often it is asked for. */
  constant(constant: Constant): string;
  /** An int64 constant: a list, or a scalar when given one number. */
  int64(values: number | readonly number[]): string;
  /** A scalar constant of a numeric dtype. */
  scalar(dtype: DType, value: number): string;
  /** The elements of a constant input. @throws Refusal when it is not constant */
  known(index: number, what: string): Tensor;
  /** The integers of a constant input. @throws Refusal when it is not constant */
  ints(index: number, what: string): readonly number[];
  int(index: number, what: string): number;
  /**
   * Has calls refused whose images are smaller than the signature says, for which TensorFlow has found that all windows
   * fit. false where the signature leaves sizes open.
   */
  holdSizes(): boolean;
  /** The rank; fixes the ranks of the signature's inputs it rests on. undefined when unknown. */
  rank(value: Value): number | undefined;
  /** The rank, where it rests on no input whose rank is still free; undefined otherwise. Fixes nothing. */
  settledRank(value: Value): number | undefined;
  /** @throws Refusal when the rank is unknown, or not one of `wanted` */
  requireRank(value: Value, ...wanted: readonly number[]): number;
  /**
   * The result that ONNX value `name` is. Its shape rests on what the inputs' shapes rest on, unless it is certain:
   * true of any inputs that the operator takes.
   */
  value(name: string, shape: Shape, options?: { readonly output?: number; readonly certain?: boolean }): Value;
  /** A result that is an image with its channels first. */
  image(name: string, shape: Shape, options?: { readonly certain?: boolean }): Value;
  /** A result that is known before the model runs. */
  result(constant: Constant): Value;
  /** Emits a step of our own with the node's outputs, or with outputs of these types. */
  host<A>(
    op: HostOp<A>,
    attributes: A,
    inputs: readonly (Value | string)[],
    dtypes?: readonly DType[],
  ): readonly string[];
  /** The graph that the node is written to. */
  readonly builder: Builder;
  /** The function that one of its attributes names. */
  body(attribute: string, index?: number): Body;
  /**
   * What the function yields for these arguments, written where the node stands or into a graph inside that.
   * @throws Refusal when it yields something that is not carried over
   */
  run(body: Body, args: readonly Value[], into?: Builder): readonly Value[];
  /** ONNX's number of a dtype. @throws Refusal when ONNX has no such type */
  onnxType(dtype: DType): number;
  refuse(reason: string): never;
}

/** How one operator is written in ONNX: the values of its outputs. It refuses what it cannot carry over exactly. */
export type Rule = (c: RuleContext) => Value | readonly Value[];
export type Rules = Readonly<Record<string, Rule>>;
