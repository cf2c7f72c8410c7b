import { type DType, invalidArgument } from "../../../core/index.js";
import { dataTypeName, dataTypeOf, dtypeOf } from "../../../protos/tensor/dtype.js";
import type { Pointer, TfApi } from "./c-api.js";

/** One output of one operation, which is what a tensor name such as `dense/BiasAdd:0` means. */
export type Endpoint = {
  readonly name: string;
  readonly oper: Pointer;
  readonly index: number;
  readonly dataType: number;
};

/** Adding this makes a type one of variables that the graph holds by reference (TF1). */
const REF = 100;

/** Finds tensors by name; each is looked up once. @throws INVALID_ARGUMENT when the graph has none of that name */
export function endpointsOf(api: TfApi, graph: Pointer): (name: string) => Endpoint {
  // Only names that exist are kept, so the graph bounds the size.
  const known = new Map<string, Endpoint>();
  const lookUp = (name: string): Endpoint => {
    const [, operation = "", digits = "0"] = /^([^^:][^:]*)(?::(\d{1,6}))?$/.exec(name) ?? [];
    const oper = operation === "" ? null : api.operationByName(graph, operation);
    if (!oper) throw invalidArgument(`the graph has no operation for the tensor "${name}"`);
    const index = Number(digits);
    const outputs = api.operationNumOutputs(oper);
    if (index >= outputs) throw invalidArgument(`"${name}": the operation has ${outputs} output(s), counted from 0`);
    const dataType = api.operationOutputType({ oper, index });
    return { name, oper, index, dataType };
  };
  return (name) => {
    const endpoint = known.get(name) ?? lookUp(name);
    known.set(name, endpoint);
    return endpoint;
  };
}

/** @throws INVALID_ARGUMENT when the graph has no operation of that name */
export function operationOf(api: TfApi, graph: Pointer, name: string): Pointer {
  const oper = name === "" ? null : api.operationByName(graph, name);
  if (!oper) throw invalidArgument(`the graph has no operation "${name}"`);
  return oper;
}

/** An array of TF_Output: `{ TF_Operation* oper; int index; }` with its padding. */
export function outputArray(endpoints: readonly Endpoint[]): BigUint64Array {
  const out = new BigUint64Array(endpoints.length * 2);
  for (const [i, { oper, index }] of endpoints.entries()) {
    out[i * 2] = oper;
    out[i * 2 + 1] = BigInt(index);
  }
  return out;
}

/** Checked here because TensorFlow's own text for a wrong dtype depends on the kernel that meets it first. */
export function checkDtype({ name, dataType }: Endpoint, dtype: DType): void {
  if (dataType >= REF || dataType === dataTypeOf(dtype)) return;
  throw invalidArgument(`input ${name}: expected ${dtypeOf(dataType) ?? dataTypeName(dataType)}, got ${dtype}`);
}
