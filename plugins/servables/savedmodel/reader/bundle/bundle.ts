import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import {
  type DType,
  dataLoss,
  elementCount,
  failedPrecondition,
  layouts,
  messageOf,
  notFound,
} from "../../../../../core/index.js";
import type { BundleEntryProto } from "../../../../../protos/gen/tensorflow/core/protobuf/tensor_bundle_pb.js";
import { dataTypeName, dtypeOf } from "../../../../../protos/tensor/dtype.js";
import { maskedChecksum } from "../../../../../protos/tfrecord/checksum.js";
import { parseEntry, parseHeader, shapeOf } from "./entry.js";
import { copyRegion } from "./region.js";
import { openShards } from "./shards.js";
import { type Extent, sliceKey } from "./slice-key.js";
import { readStringTensor } from "./string-tensor.js";
import { binaryKey, readTable } from "./table.js";

export type BundleTensor = { readonly dtype: DType; readonly shape: readonly number[] };

/** A checkpoint in TensorFlow's bundle format: an index and its data files. */
export interface Bundle {
  readonly keys: ReadonlySet<string>;
  /** dtype and shape, from the index alone. */
  describe(key: string): BundleTensor;
  /** Writes the tensor's little-endian elements into `target`, which must be of exactly their size. */
  fill(key: string, target: Uint8Array): void;
  strings(key: string): Uint8Array[];
  close(): void;
}

// An index holds names and offsets: a gigabyte of them is no model.
const LARGEST_INDEX = 2 ** 30;

function readIndex(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_INDEX) throw failedPrecondition(`an index of ${size} bytes is more than any model has`);
    return readFileSync(path);
  } catch (error) {
    throw notFound(`${basename(path)} is missing or cannot be read: ${messageOf(error).replace(path, basename(path))}`);
  }
}

function extentsOf(slice: BundleEntryProto["slices"][number]): Extent[] {
  return slice.extent.map(({ start, hasLengthHack }) => ({
    start: Number(start),
    length: hasLengthHack.case === "length" ? Number(hasLengthHack.value) : -1,
  }));
}

/**
 * Opens `<prefix>.index`; data files are opened when a tensor in them is read.
 * @throws NOT_FOUND, DATA_LOSS or FAILED_PRECONDITION; messages name the file and the key
 */
export function openBundle(prefix: string): Bundle {
  const file = `${basename(prefix)}.index`;
  const raw = new Map(readTable(readIndex(`${prefix}.index`), file));
  const shards = openShards(prefix, parseHeader(raw.get(""), file));
  const entries = new Map<string, BundleEntryProto>();

  function entryOf(key: string, shown = key): BundleEntryProto {
    const known = entries.get(key);
    if (known) return known;
    const bytes = raw.get(key);
    if (!bytes) throw notFound(`${file} has no entry ${JSON.stringify(shown)}`);
    const entry = parseEntry(bytes, shown, file);
    entries.set(key, entry);
    return entry;
  }

  function describe(entry: BundleEntryProto, key: string): BundleTensor {
    const dtype = dtypeOf(entry.dtype);
    if (!dtype) throw failedPrecondition(`${file}: ${JSON.stringify(key)} is of type ${dataTypeName(entry.dtype)}`);
    return { dtype, shape: shapeOf(entry, `${file}: ${JSON.stringify(key)}`) };
  }

  function itemBytes(dtype: DType, key: string): number {
    if (dtype !== "string") return layouts[dtype].bytes;
    throw failedPrecondition(`${file}: ${JSON.stringify(key)} holds strings, numbers are wanted`);
  }

  function fillPlain(entry: BundleEntryProto, key: string, target: Uint8Array): void {
    const { dtype, shape } = describe(entry, key);
    const [offset, size] = [Number(entry.offset), Number(entry.size)];
    const what = `the variable ${JSON.stringify(key)}`;
    const wanted = elementCount(shape) * itemBytes(dtype, key);
    if (size !== wanted || target.length !== wanted) {
      throw dataLoss(`${file}: ${what} of ${dtype} [${shape}] takes ${wanted} bytes, ${size} are stored`);
    }
    shards.check(entry.shardId, offset, size, what);
    shards.read(entry.shardId, offset, target, what);
    if (maskedChecksum(target) !== entry.crc32c) throw dataLoss(`${what} has a wrong checksum; its data are damaged`);
  }

  function fillSliced(entry: BundleEntryProto, key: string, target: Uint8Array): void {
    const { dtype, shape } = describe(entry, key);
    const item = itemBytes(dtype, key);
    let covered = 0;
    for (const slice of entry.slices) {
      const extents = extentsOf(slice);
      const start = extents.map((extent) => extent.start);
      const size = extents.map(({ length }, d) => (length === -1 ? shape[d]! : length));
      if (size.length !== shape.length || size.some((n, d) => start[d]! < 0 || n < 0 || start[d]! + n > shape[d]!)) {
        throw dataLoss(`${file}: a slice of ${JSON.stringify(key)} lies outside its shape [${shape}]`);
      }
      const bytes = new Uint8Array(elementCount(size) * item);
      const sliced = `${key} [${start}]+[${size}]`;
      fillPlain(entryOf(binaryKey(Buffer.from(sliceKey(key, extents), "latin1")), sliced), sliced, bytes);
      copyRegion({ bytes, shape: size, start: start.map(() => 0) }, { bytes: target, shape, start }, size, item);
      covered += bytes.length;
    }
    if (covered !== target.length) {
      throw dataLoss(`${file}: the slices of ${JSON.stringify(key)} hold ${covered} of its ${target.length} bytes`);
    }
  }

  const lookup = (key: string) => entryOf(binaryKey(Buffer.from(key)), key);
  return {
    keys: new Set(
      [...raw.keys()]
        .filter((key) => key !== "" && key[0] !== "\0")
        .map((key) => Buffer.from(key, "latin1").toString()),
    ),
    describe: (key) => describe(lookup(key), key),
    fill: (key, target) => {
      const entry = lookup(key);
      if (entry.slices.length > 0) fillSliced(entry, key, target);
      else fillPlain(entry, key, target);
    },
    strings: (key) => {
      const entry = lookup(key);
      const what = `the variable ${JSON.stringify(key)}`;
      const { shape } = describe(entry, key);
      shards.check(entry.shardId, Number(entry.offset), Number(entry.size), what);
      const bytes = new Uint8Array(Number(entry.size));
      shards.read(entry.shardId, Number(entry.offset), bytes, what);
      return readStringTensor(bytes, elementCount(shape), entry.crc32c, what);
    },
    close: () => shards.close(),
  };
}
