import { record, type TensorSpec, unimplemented } from "../../../../core/index.js";
import { copyMemory, pointerSlot, readCString } from "../../native/index.js";
import { dtypeOf } from "../element-types.js";
import type { HiddenOutput } from "../session.js";
import type { StatusFunction } from "./api.js";
import type { Runtime } from "./runtime.js";
import { check } from "./status.js";

export type Description = {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly hiddenOutputs: readonly HiddenOutput[];
};

/** `ONNXType`, by number. */
const kinds = [
  "an unknown type",
  "a tensor",
  "a sequence",
  "a map",
  "an opaque type",
  "a sparse tensor",
  "an optional",
];
const TENSOR = 1;

type Port = { readonly name: string } & ({ readonly spec: TensorSpec } | { readonly reason: string });

/**
 * The inputs and outputs of a session, in the model's order. Initializers that a caller may replace are optional inputs.
 * @throws UNIMPLEMENTED for an input that a tensor cannot carry, or when no output is a tensor
 */
export function describe(runtime: Runtime, session: bigint): Description {
  const { api } = runtime;
  const required = ports(runtime, session, api.inputCount, api.inputName, api.inputTypeInfo);
  const overridable = ports(
    runtime,
    session,
    api.overridableInitializerCount,
    api.overridableInitializerName,
    api.overridableInitializerTypeInfo,
  );
  const outputs = ports(runtime, session, api.outputCount, api.outputName, api.outputTypeInfo);

  for (const port of required) {
    if ("reason" in port) throw unimplemented(`input "${port.name}" cannot be served: it is ${port.reason}`);
  }
  const hiddenOutputs = outputs.flatMap((port) => ("reason" in port ? [{ name: port.name, reason: port.reason }] : []));
  if (hiddenOutputs.length === outputs.length) {
    const list = hiddenOutputs.map(({ name, reason }) => `"${name}" is ${reason}`).join("; ");
    throw unimplemented(`no output can be served: ${list || "the model has none"}`);
  }
  return {
    inputs: record([...specs(required), ...specs(overridable, true)]),
    outputs: record(specs(outputs)),
    hiddenOutputs,
  };
}

function specs(ports: readonly Port[], optional = false): (readonly [string, TensorSpec])[] {
  return ports.flatMap((port) =>
    "spec" in port ? [[port.name, optional ? { ...port.spec, optional } : port.spec] as const] : [],
  );
}

function ports(
  runtime: Runtime,
  session: bigint,
  count: StatusFunction<[bigint, BigUint64Array]>,
  name: StatusFunction<[bigint, number, bigint, BigUint64Array]>,
  typeInfo: StatusFunction<[bigint, number, BigUint64Array]>,
): Port[] {
  const { api, allocator } = runtime;
  const slot = pointerSlot();
  check(api, count(session, slot));
  return Array.from({ length: Number(slot[0]) }, (_, index) => {
    check(api, name(session, index, allocator, slot));
    const text = slot[0]!;
    const port = readCString(text);
    check(api, api.allocatorFree(allocator, text));
    check(api, typeInfo(session, index, slot));
    const info = slot[0]!;
    try {
      return { name: port, ...portType(runtime, port, info) };
    } finally {
      api.releaseTypeInfo(info);
    }
  });
}

function portType({ api }: Runtime, name: string, info: bigint): { spec: TensorSpec } | { reason: string } {
  const number = new Int32Array(2);
  check(api, api.getOnnxType(info, number));
  if (number[0] !== TENSOR) {
    return { reason: `${kinds[number[0] ?? 0] ?? "an unknown type"}, which cannot travel in a tensor` };
  }
  const slot = pointerSlot();
  check(api, api.castTypeInfoToTensorInfo(info, slot));
  const tensor = slot[0]!;
  check(api, api.getTensorElementType(tensor, number));
  const dtype = dtypeOf(number[0] ?? 0);
  if (typeof dtype !== "string")
    return { reason: `a tensor of ${dtype.lacking}, a type that tensors here cannot carry` };
  if (!api.hasShape(tensor)) return { spec: { dtype, shape: null, name } };
  check(api, api.getDimensionsCount(tensor, slot));
  const rank = Number(slot[0]);
  const sizes = new BigInt64Array(rank);
  const texts = new BigUint64Array(rank);
  if (rank > 0) {
    check(api, api.getDimensions(tensor, sizes, rank));
    check(api, api.getSymbolicDimensions(tensor, texts, rank));
  }
  const shape = Array.from(sizes, (size) => (size < 0n ? -1 : Number(size)));
  const dimNames = Array.from(texts, (text) => (text === 0n ? "" : readCString(text)));
  return { spec: { dtype, shape, dimNames, name } };
}

/** The execution providers that are built into the library, by ONNX Runtime's names. */
export function availableProviders({ api }: Runtime): string[] {
  const list = pointerSlot();
  const count = new Int32Array(2);
  check(api, api.getAvailableProviders(list, count));
  const length = count[0] ?? 0;
  const names = Array.from(new BigUint64Array(copyMemory(list[0]!, length * 8)), readCString);
  check(api, api.releaseAvailableProviders(list[0]!, length));
  return names;
}
