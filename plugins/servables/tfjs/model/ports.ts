import type { TensorSpec } from "../../../../core/index.js";
import { invalidArgument } from "../../../../core/index.js";
import type { SignatureFile, TensorInfo } from "../files/model-file.js";
import { type Kind, kindOf } from "./dtypes.js";

/** An input or output of a model. */
export type Port = Kind & {
  /** Of the signature. */
  readonly name: string;
  /** Of the graph: a tensor, `Identity:0`. */
  readonly tensor: string;
  /** -1 for an open size, null for an open rank. */
  readonly shape: readonly number[] | null;
};
export type Ports = { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] };

function shapeOf({ tensorShape }: TensorInfo): readonly number[] | null {
  if (tensorShape === undefined || tensorShape.unknownRank) return null;
  return tensorShape.dim.map(({ size }) => Number(size));
}

/** In the order that the file has. */
export function portsOfSignature({ inputs, outputs }: SignatureFile): Ports {
  const ports = (side: string, infos: Readonly<Record<string, TensorInfo>>): Port[] =>
    Object.entries(infos).map(([name, info]) => ({
      ...kindOf(info.dtype, `${side} "${name}"`),
      name,
      tensor: info.name,
      shape: shapeOf(info),
    }));
  return { inputs: ports("input", inputs), outputs: ports("output", outputs) };
}

/** What the library knows of an input or output. */
export type Known = { readonly name: string; readonly dtype?: string; readonly shape?: readonly (number | null)[] };

export function portsOfModel(inputs: readonly Known[], outputs: readonly Known[]): Ports {
  const ports = (side: string, list: readonly Known[]): Port[] =>
    list.map(({ name, dtype = "float32", shape }) => ({
      ...kindOf(dtype, `${side} "${name}"`),
      name,
      tensor: name,
      shape: shape?.map((size) => size ?? -1) ?? null,
    }));
  return { inputs: ports("input", inputs), outputs: ports("output", outputs) };
}

export const specOf = ({ dtype, shape, tensor }: Port): TensorSpec => ({ dtype, shape, name: tensor });

export function portNamed(ports: readonly Port[], name: string): Port {
  const port = ports.find((each) => each.name === name);
  if (!port) throw invalidArgument(`the model has no output "${name}"`);
  return port;
}
