import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { failedPrecondition } from "../../../../core/index.js";
import type { WeightGroup, WeightSpec } from "./model-file.js";

const elementBytes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** Bytes of a weight in its shard; undefined for strings, which have their lengths among them. */
function bytesOf({ name, shape, dtype, quantization }: WeightSpec): number | undefined {
  if (dtype === "string") return undefined;
  const stored = quantization?.dtype ?? dtype;
  const bytes = elementBytes[stored];
  if (bytes === undefined)
    throw failedPrecondition(`model.json: the weight ${name} is of type ${stored}, which is unknown`);
  return bytes * shape.reduce((product, size) => product * size, 1);
}

async function readShard(folder: string, path: string): Promise<Buffer> {
  const local = normalize(path);
  if (isAbsolute(local) || local.startsWith("..")) {
    throw failedPrecondition(`model.json names the shard ${JSON.stringify(path)}, which is not in its folder`);
  }
  try {
    return await readFile(join(folder, local));
  } catch (cause) {
    throw failedPrecondition(`the shard ${path}, which model.json names, is not there or cannot be read`, cause);
  }
}

async function readGroup(folder: string, { paths, weights }: WeightGroup): Promise<readonly Buffer[]> {
  const shards: Buffer[] = [];
  for (const path of paths) shards.push(await readShard(folder, path));
  const wanted = weights.reduce<number | undefined>((sum, weight) => {
    const bytes = bytesOf(weight);
    return sum === undefined || bytes === undefined ? undefined : sum + bytes;
  }, 0);
  const found = shards.reduce((sum, { length }) => sum + length, 0);
  if (wanted !== undefined && wanted !== found) {
    const sizes = paths.map((path, i) => `${path} (${shards[i]!.length})`).join(", ");
    throw failedPrecondition(`the shards ${sizes} have ${found} bytes, and their weights in model.json take ${wanted}`);
  }
  return shards;
}

/**
 * The weights of all groups, one after the other.
 * @throws FAILED_PRECONDITION that names the shard that is missing, elsewhere, or of the wrong size
 */
export async function readWeights(file: string, groups: readonly WeightGroup[]): Promise<ArrayBuffer> {
  const shards: Buffer[] = [];
  for (const group of groups) shards.push(...(await readGroup(dirname(file), group)));
  const all = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of shards) {
    all.set(shard, at);
    at += shard.length;
  }
  return all.buffer;
}
