import {
  type Call,
  DEFAULT_SIGNATURE,
  elementCount,
  failedPrecondition,
  type Servable,
  type Signature,
  type Tensors,
  tensor,
} from "../../../core/index.js";
import { inSlices } from "./in-slices.js";
import type { Numbering } from "./numbering.js";

const signatures: Readonly<Record<string, Signature>> = {
  [DEFAULT_SIGNATURE]: {
    inputs: { tokens: { dtype: "string", shape: null } },
    outputs: { ids: { dtype: "int64", shape: null } },
  },
  reverse: {
    inputs: { ids: { dtype: "int64", shape: null } },
    outputs: { tokens: { dtype: "string", shape: null } },
  },
};

const WORD = 2 ** 32;

/** Through their halves: a bigint for each would be an object for each. */
function writeIds(ids: BigInt64Array) {
  const halves = new Int32Array(ids.buffer);
  return (at: number, id: number) => {
    halves[2 * at] = id;
    halves[2 * at + 1] = Math.floor(id / WORD);
  };
}

function readIds(ids: BigInt64Array) {
  // A Tensor's data may begin anywhere in its buffer, but at a multiple of its element's size.
  const halves = new Int32Array(ids.buffer, ids.byteOffset, 2 * ids.length);
  return (at: number) => halves[2 * at + 1]! * WORD + (halves[2 * at]! >>> 0);
}

async function lookUp({ idsOf }: Numbering, { inputs, signal }: Call): Promise<Tensors> {
  const { tokens } = inputs;
  if (tokens?.dtype !== "string") throw failedPrecondition("tokens must be strings");
  const { data, shape } = tokens;
  const ids = new BigInt64Array(elementCount(shape));
  const write = writeIds(ids);
  await inSlices(data.length, (from, to) => idsOf(data, from, to, write), signal);
  return { ids: tensor("int64", shape, ids) };
}

async function lookBack({ tokenOf }: Numbering, { inputs, signal }: Call): Promise<Tensors> {
  const { ids } = inputs;
  if (ids?.dtype !== "int64") throw failedPrecondition("ids must be int64");
  const { data, shape } = ids;
  const tokens = new Array<Uint8Array>(data.length);
  const read = readIds(data);
  const range = (from: number, to: number) => {
    for (let i = from; i < to; i++) tokens[i] = tokenOf(read(i));
  };
  await inSlices(data.length, range, signal);
  return { tokens: tensor("string", shape, tokens) };
}

/** The look-ups of a table; large requests are cut into slices, so that others get their turn. */
export function tableServable(numbering: Numbering): Servable {
  return {
    signatures,
    engine: "javascript",
    run: (call) => (call.signature === "reverse" ? lookBack : lookUp)(numbering, call),
    [Symbol.asyncDispose]: async () => {},
  };
}
