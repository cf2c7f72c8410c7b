import { type DType, elementCount, record, type Signature, type Tensor, type Tensors, tensor } from "salver";

/** A tensor as nested JSON, as a REST client would write it. */
export function toJson({ dtype, shape, data }: Tensor): string {
  const items = Array.from(data as ArrayLike<unknown>, (item) => {
    if (dtype === "string") return JSON.stringify({ b64: Buffer.from(item as Uint8Array).toString("base64") });
    return dtype === "bool" ? String(Boolean(item)) : String(item);
  });
  let next = 0;
  const nested = (axis: number): string =>
    axis === shape.length
      ? (items[next++] ?? "")
      : `[${Array.from({ length: shape[axis] ?? 0 }, () => nested(axis + 1)).join()}]`;
  return nested(0);
}

export const columns = (inputs: Tensors): string =>
  `{"inputs": {${Object.entries(inputs)
    .map(([name, value]) => `${JSON.stringify(name)}: ${toJson(value)}`)
    .join()}}}`;

/** Row form: every input's first dimension is the row. */
export function rows(inputs: Tensors): string {
  const names = Object.keys(inputs);
  const parsed = names.map((name) => JSON.parse(toJson(inputs[name]!)) as unknown[]);
  const items = parsed[0]?.map((_, row) => Object.fromEntries(names.map((name, i) => [name, parsed[i]?.[row]])));
  return JSON.stringify({ instances: items });
}

/** The `outputs` of a columnar reply as tensors of the signature's types. */
export function fromColumns(reply: unknown, outputs: Signature["outputs"]): Tensors {
  const names = Object.keys(outputs);
  const { outputs: values } = reply as { outputs: unknown };
  const byName = names.length === 1 ? { [names[0]!]: values } : (values as Record<string, unknown>);
  return record(names.map((name) => [name, fromJson(outputs[name]!.dtype, byName[name])] as const));
}

function fromJson(dtype: DType, value: unknown): Tensor {
  const shape: number[] = [];
  for (let at = value; Array.isArray(at); at = at[0]) shape.push(at.length);
  const flat = (shape.length === 0 ? [value] : (value as unknown[]).flat(shape.length - 1)) as never[];
  if (elementCount(shape) !== flat.length) throw new Error("ragged");
  const arrays = { float32: Float32Array, int64: BigInt64Array, bool: Uint8Array, int32: Int32Array } as const;
  const array = arrays[dtype as keyof typeof arrays];
  const items = dtype === "int64" ? flat.map(BigInt) : dtype === "bool" ? flat.map(Number) : flat;
  return tensor(dtype, shape, (array as unknown as { from(values: unknown[]): never }).from(items)) as Tensor;
}

export type Reply = { readonly status: number; readonly body: unknown };

export async function request(
  url: string,
  body?: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(
    url,
    body === undefined ? { headers } : { method: "POST", body: body as string, headers },
  );
  const text = await response.text();
  let parsed: unknown = text;
  try {
    // TensorFlow Serving writes NaN and the infinities bare, which JSON has no word for: here they become strings.
    parsed = JSON.parse(text.replace(/(?<=[[\s:,])(-?Infinity|NaN)(?=[\s,\]}])/g, '"$1"'));
  } catch {
    // Not JSON: the text itself.
  }
  return { status: response.status, body: parsed };
}
