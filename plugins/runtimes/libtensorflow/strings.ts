import { setImmediate as nextTurn } from "node:timers/promises";
import { copyMemory, keepAlive } from "../native/index.js";
import type { Pointer, TfApi } from "./c-api.js";

/** sizeof(TF_TString): a string tensor is an array of these. */
export const TSTRING_BYTES = 24;

/** Strings cross one by one, about half a microsecond each; after so many, others get a turn. */
const PER_TURN = 4096;

const at = (base: Pointer, index: number): Pointer => base + BigInt(index * TSTRING_BYTES);
const turnEnds = (index: number) => index % PER_TURN === PER_TURN - 1;

/** Writes `values` into fresh memory for as many TF_TStrings. Each may own heap memory afterwards: see `freeStrings`. */
export async function writeStrings(api: TfApi, base: Pointer, values: readonly Uint8Array[]): Promise<void> {
  // All are made valid before anything can fail, so that freeing all of them is always right.
  for (let i = 0; i < values.length; i++) api.stringInit(at(base, i));
  for (const [i, value] of values.entries()) {
    if (value.length > 0) api.stringCopy(at(base, i), value, value.length);
    if (turnEnds(i)) await nextTurn();
  }
  keepAlive(values);
}

export async function readStrings(api: TfApi, base: Pointer, count: number): Promise<Uint8Array[]> {
  const out: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const string = at(base, i);
    const data = api.stringData(string);
    out.push(data ? new Uint8Array(copyMemory(data, api.stringSize(string))) : new Uint8Array(0));
    if (turnEnds(i)) await nextTurn();
  }
  return out;
}

/**
 * Releases the heap memory of the strings in an input tensor, which TF_DeleteTensor does not do, and returns the tensor
 * that is left to delete. A graph may have kept the tensor, in a variable or a queue, and then still reads the strings:
 * TF_TensorMaybeMove answers only to a sole owner, and what has other owners is left to them.
 */
export function freeStrings(api: TfApi, tensor: Pointer, count: number): Pointer {
  const owned = api.tensorMaybeMove(tensor);
  const base = owned && api.tensorData(owned);
  if (base) for (let i = 0; i < count; i++) api.stringDealloc(at(base, i));
  return owned ?? tensor;
}
