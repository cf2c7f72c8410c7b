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
} from "../../core/index.js";
import type { BundleEntryProto } from "../../protos/gen/tensorflow/core/protobuf/tensor_bundle_pb.js";
import { dataTypeName, dtypeOf } from "../../protos/tensor/dtype.js";
import { maskedChecksum } from "../../protos/tfrecord/checksum.js";
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
  /** dtype and shape; its bytes, if they are numbers, are known to be there and as many as the shape takes. */
  describe(key: string): BundleTensor;
  /** Writes the tensor's little-endian elements into `target`, which must be of exactly their size. */
  fill(key: string, target: Uint8Array): void;
  strings(key: string): Uint8Array[];
  close(): void;
}

type Slice = {
  readonly start: readonly number[];
  readonly size: readonly number[];
  /** For messages. */
  readonly name: string;
  readonly entry: BundleEntryProto;
};

const variable = (key: string) => `the variable ${JSON.stringify(key)}`;

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

  /** Checks what can be checked before memory is taken; returns how many bytes the tensor has. */
  function checkPlain(entry: BundleEntryProto, key: string): number {
    const { dtype, shape } = describe(entry, key);
    const [offset, size] = [Number(entry.offset), Number(entry.size)];
    const what = variable(key);
    const wanted = elementCount(shape) * itemBytes(dtype, key);
    if (size !== wanted) {
      throw dataLoss(`${file}: ${what} of ${dtype} [${shape}] takes ${wanted} bytes, ${size} are stored`);
    }
    shards.check(entry.shardId, offset, size, what);
    return size;
  }

  function fillPlain(entry: BundleEntryProto, key: string, target: Uint8Array): void {
    const size = checkPlain(entry, key);
    if (size !== target.length) throw dataLoss(`${file}: ${variable(key)} has ${size} bytes, not ${target.length}`);
    shards.read(entry.shardId, Number(entry.offset), target, variable(key));
    if (maskedChecksum(target) !== entry.crc32c) {
      throw dataLoss(`${variable(key)} has a wrong checksum; its data are damaged`);
    }
  }

  function slicesOf(entry: BundleEntryProto, key: string): Slice[] {
    const { shape } = describe(entry, key);
    return entry.slices.map((slice) => {
      const extents = extentsOf(slice);
      const start = extents.map((extent) => extent.start);
      const size = extents.map(({ length }, d) => (length === -1 ? (shape[d] ?? -1) : length));
      if (size.length !== shape.length || size.some((n, d) => start[d]! < 0 || n < 0 || start[d]! + n > shape[d]!)) {
        throw dataLoss(`${file}: a slice of ${JSON.stringify(key)} lies outside its shape [${shape}]`);
      }
      const name = `${key} [${start}]+[${size}]`;
      return { start, size, name, entry: entryOf(sliceKey(key, extents), name) };
    });
  }

  function checkSliced(entry: BundleEntryProto, key: string): void {
    const { dtype, shape } = describe(entry, key);
    const wanted = elementCount(shape) * itemBytes(dtype, key);
    const stored = slicesOf(entry, key).reduce((sum, slice) => sum + checkPlain(slice.entry, slice.name), 0);
    if (stored !== wanted) {
      throw dataLoss(`${file}: the slices of ${JSON.stringify(key)} hold ${stored} of its ${wanted} bytes`);
    }
  }

  function fillSliced(entry: BundleEntryProto, key: string, target: Uint8Array): void {
    checkSliced(entry, key);
    const { dtype, shape } = describe(entry, key);
    const item = itemBytes(dtype, key);
    for (const { start, size, name, entry: part } of slicesOf(entry, key)) {
      const bytes = new Uint8Array(elementCount(size) * item);
      fillPlain(part, name, bytes);
      copyRegion({ bytes, shape: size, start: start.map(() => 0) }, { bytes: target, shape, start }, size, item);
    }
  }

  const lookup = (key: string) => entryOf(binaryKey(Buffer.from(key)), key);
  return {
    keys: new Set(
      [...raw.keys()]
        .filter((key) => key !== "" && key[0] !== "\0")
        .map((key) => Buffer.from(key, "latin1").toString()),
    ),
    describe: (key) => {
      const entry = lookup(key);
      const described = describe(entry, key);
      if (described.dtype === "string") return described;
      if (entry.slices.length > 0) checkSliced(entry, key);
      else checkPlain(entry, key);
      return described;
    },
    fill: (key, target) => {
      const entry = lookup(key);
      if (entry.slices.length > 0) fillSliced(entry, key, target);
      else fillPlain(entry, key, target);
    },
    strings: (key) => {
      const entry = lookup(key);
      const what = variable(key);
      const { shape } = describe(entry, key);
      shards.check(entry.shardId, Number(entry.offset), Number(entry.size), what);
      const bytes = new Uint8Array(Number(entry.size));
      shards.read(entry.shardId, Number(entry.offset), bytes, what);
      return readStringTensor(bytes, elementCount(shape), entry.crc32c, what);
    },
    close: () => shards.close(),
  };
}
