import { failedPrecondition, record, type Signature } from "../../../../core/index.js";
import { createBudget } from "../../../../protos/tensor/decode.js";
import type { Graph } from "../graph/graph.js";
import { onnxType } from "../onnx/data-types.js";
import { type CutGraph, type CutOptions, cut } from "../program/cut.js";
import { pruned } from "../program/flat.js";
import { createBuilder } from "./builder.js";
import { guarded } from "./guards.js";
import { type Obstacle, obstacleAt, Refusal } from "./refusal.js";
import { createLower } from "./scope.js";
import type { State } from "./state.js";
import type { Value } from "./value.js";

/** A signature as ONNX graphs and what runs between them. */
export type Lowered = CutGraph & {
  /** The values that the signature's inputs and outputs are, by their names there. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Ranks that the graph was written for, by input: others would be answered differently than by TensorFlow. */
  readonly ranks: Readonly<Record<string, number>>;
  /** Sizes that its windows were found to fit into, by input. */
  readonly least: Readonly<Record<string, readonly number[]>>;
};

export type Lowering = { readonly lowered: Lowered } | { readonly obstacles: readonly Obstacle[] };

/** Inputs with rows and columns, when there are any and all declare how large these are: their least shapes. */
function sizedImages({ inputs }: Signature): readonly (readonly [string, readonly number[]])[] | undefined {
  const shapes = Object.entries(inputs).map(([key, { shape }]) => [key, shape] as const);
  if (shapes.some(([, shape]) => shape === null)) return undefined;
  const images = shapes.flatMap(([key, shape]) => (shape!.length > 2 ? [[key, shape!] as const] : []));
  const sized = images.length > 0 && images.every(([, shape]) => !shape.slice(1).includes(-1));
  return sized ? images.map(([key, [, ...sizes]]) => [key, [-1, ...sizes]] as const) : undefined;
}

/**
 * Writes one signature as an ONNX graph, or says all that stands in the way.
 */
export function lowerSignature(graph: Graph, signature: Signature, state: State, options?: CutOptions): Lowering {
  const obstacles: Obstacle[] = [];
  const builder = createBuilder();
  const ranks = new Map<string, number>();
  const least = new Map<string, readonly number[]>();
  const images = sizedImages(signature);
  const lower = createLower({
    ...state,
    obstacles,
    budget: createBudget(),
    fixRank: (key) => {
      const shape = signature.inputs[key]?.shape;
      if (shape) ranks.set(key, shape.length);
    },
    isFixed: (key) => ranks.has(key),
    holdSizes: () => {
      for (const [key, shape] of images ?? []) least.set(key, shape);
      return images !== undefined;
    },
  });

  const given = Object.entries(signature.inputs).map(([key, { name, dtype, shape }]) => {
    if (graph.isCall(name!)) throw failedPrecondition(`"${name}" is an input and computed by a function`);
    const output = graph.tensor(name!);
    if (onnxType(dtype) === undefined) obstacles.push(obstacleAt(output.node, `ONNX has no type for ${dtype}`));
    const open = shape && new Array<number>(shape.length).fill(-1);
    const plain = builder.name(key);
    const value: Value = { dtype, shape: open, from: new Set([key]), names: { plain }, input: key, declared: shape };
    return { key, output, value, plain };
  });
  const outputs = Object.entries(signature.outputs);
  const fetched = outputs.map(([, spec]) => graph.tensor(spec.name!));
  const results = lower(
    graph,
    fetched,
    given.map(({ output, value }) => [output, value] as const),
    builder,
  );
  const onnxOutputs = outputs.flatMap(([key, { dtype }], i) => {
    const { node, index } = fetched[i]!;
    const value = results[i];
    if (!value) {
      if (obstacles.length === 0) obstacles.push(obstacleAt(node, `its output ${index} is not carried over`));
    } else if (value.list) obstacles.push(obstacleAt(node, "it is a list of tensors"));
    else if (value.table) obstacles.push(obstacleAt(node, "it is a table"));
    else if (onnxType(dtype) === undefined) obstacles.push(obstacleAt(node, `ONNX has no type for ${dtype}`));
    else if (value.dtype !== dtype) {
      obstacles.push(obstacleAt(node, `it yields ${value.dtype}, the signature says ${dtype}`));
    } else
      return [{ name: builder.emit(key, "Identity", [guarded(builder, key, builder.plain(value), dtype)])[0]!, dtype }];
    return [];
  });
  if (obstacles.length > 0) return { obstacles };
  const inputs = given.map(({ plain, value }) => ({ name: plain, dtype: value.dtype }));
  const whole = pruned(builder.flat(inputs, onnxOutputs));
  try {
    return {
      lowered: {
        ...cut(whole, options),
        inputs: record(given.map(({ key, plain }) => [key, plain] as const)),
        outputs: record(outputs.map(([key], i) => [key, onnxOutputs[i]!.name] as const)),
        ranks: Object.fromEntries(ranks),
        least: Object.fromEntries(least),
      },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { obstacles: [obstacleAt(fetched[0]!.node, error.message)] };
  }
}
