import { isUtf8 } from "node:buffer";
import {
  DEFAULT_SIGNATURE,
  elementCount,
  type Server,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "../../core/index.js";

const longest = 64;

/** Up to two requests that work when pasted, for the models with the smallest inputs. */
export function curlLines({ frontend, versions }: Pick<Server, "frontend" | "versions">, port: number): string[] {
  const models = [...new Set(versions().flatMap(({ model, state }) => (state === "AVAILABLE" ? [model] : [])))];
  const bodies = models.flatMap((model) => {
    using lease = frontend.lease({ name: model });
    const signature = lease.signatures[DEFAULT_SIGNATURE];
    const body = signature && exampleBody(signature);
    return body === undefined ? [] : [{ model, body }];
  });
  bodies.sort((a, b) => a.body.length - b.body.length);
  const lines = bodies
    .slice(0, 2)
    .map(
      ({ model, body }) =>
        `  curl -d '${body}' http://localhost:${port}/v1/models/${encodeURIComponent(model)}:predict`,
    );
  return lines.length === 0 ? [] : ["Try:", ...lines, ""];
}

function exampleBody({ inputs, example }: Signature): string | undefined {
  if (example) return bodyOf(Object.entries(example).map(([name, tensor]) => [name, written(tensor)]));
  const entries = Object.entries(inputs).filter(([, spec]) => !spec.optional);
  const values = entries.map(([name, spec]) => [name, exampleValue(spec)] as const);
  if (values.length === 0 || values.some(([, value]) => value === undefined)) return undefined;
  return bodyOf(values as [string, string][]);
}

function bodyOf(values: readonly (readonly [name: string, value: string])[]): string {
  const [only] = values;
  if (values.length === 1 && only) return `{"inputs": ${only[1]}}`;
  return `{"inputs": {${values.map(([name, value]) => `"${name}": ${value}`).join(", ")}}}`;
}

/** A tensor as JSON that can stand between a shell's single quotes. */
function written({ dtype, shape, data }: Tensor): string {
  const one = (at: number): string => {
    const value = data[at];
    if (dtype === "string" && value instanceof Uint8Array) {
      const text = Buffer.from(value).toString();
      const plain = isUtf8(value) && !text.includes("'");
      return JSON.stringify(plain ? text : { b64: Buffer.from(value).toString("base64") });
    }
    return String(value);
  };
  let next = 0;
  const nested = (axis: number): string =>
    axis === shape.length
      ? one(next++)
      : `[${Array.from({ length: shape[axis] ?? 0 }, () => nested(axis + 1)).join(", ")}]`;
  return nested(0);
}

/** A value that fits the declared shape, with 3 rows where the first dimension is open and 1 where another is. */
function exampleValue({ dtype, shape }: TensorSpec): string | undefined {
  const sizes = (shape ?? [-1]).map((size, i, all) => (size === -1 ? (i === 0 && all.length === 1 ? 3 : 1) : size));
  if (elementCount(sizes) > longest) return undefined;
  const samples = samplesOf(dtype);
  if (!samples) return undefined;
  let next = 0;
  const nested = (axis: number): string =>
    axis === sizes.length
      ? (samples[next++ % samples.length] ?? "")
      : `[${Array.from({ length: sizes[axis] ?? 0 }, () => nested(axis + 1)).join(", ")}]`;
  return nested(0);
}

function samplesOf(dtype: string): readonly string[] | undefined {
  if (dtype === "string") return ['"level"', '"salver"', '"noon"'];
  if (dtype === "bool") return ["true", "false"];
  if (dtype.startsWith("float")) return ["1.0", "2.0", "5.0"];
  // Whole numbers are ids more often than not: the first are there in the smallest table.
  return /^u?int/.test(dtype) ? ["0", "1", "2"] : undefined;
}
