import { type Example, type Feature, invalidArgument, messageOf, record } from "../../core/index.js";
import { createReader, type Reader, readMessage, readString, readTag, skip } from "../wire/reader.js";
import { Tag } from "./fields.js";
import { floatsOf, int64sOf, noIntegers, readBytesList, readFloatList, readInt64List } from "./lists.js";

/** A feature whose lists are being read: of the three, the one that came last counts. */
function createFeature() {
  let kind: Feature["kind"] | undefined;
  let pieces: Uint8Array[] = [];
  let integers = noIntegers();

  const begin = (next: Feature["kind"]) => {
    if (kind === next) return;
    kind = next;
    pieces = [];
    integers = noIntegers();
  };

  return {
    read: (reader: Reader): void => {
      for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
        if (tag === Tag.bytesList) {
          begin("bytes");
          readBytesList(readMessage(reader), pieces);
        } else if (tag === Tag.floatList) {
          begin("float");
          readFloatList(readMessage(reader), pieces);
        } else if (tag === Tag.int64List) {
          begin("int64");
          readInt64List(readMessage(reader), integers);
        } else skip(reader, tag);
      }
    },
    /** Undefined where no list came: such a feature is as good as absent. */
    value: (): Feature | undefined => {
      if (kind === "bytes") return { kind, values: pieces };
      if (kind === "float") return { kind, values: floatsOf(pieces) };
      return kind && { kind, values: int64sOf(integers) };
    },
  };
}

/** What a feature without a list does to one of its name that came before. TensorFlow's own parser keeps that one. */
export type Empty = "clears" | "keeps";

function readEntry(reader: Reader, into: Record<string, Feature>, empty: Empty): void {
  const feature = createFeature();
  let name = "";
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === Tag.key) name = readString(reader);
    else if (tag === Tag.value) feature.read(readMessage(reader));
    else skip(reader, tag);
  }
  const value = feature.value();
  if (value !== undefined) into[name] = value;
  else if (empty === "clears") delete into[name];
}

/**
 * The features of a serialized tf.Example, put into `features`: as protobuf merges messages, they take the place of those
 * that are there, also one that has no list unless `empty` keeps them.
 * @throws ServingError INVALID_ARGUMENT
 */
export function readFeatures(
  bytes: Uint8Array,
  features = record<Feature>(),
  empty: Empty = "clears",
): Record<string, Feature> {
  const reader = createReader(bytes);
  try {
    for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
      if (tag !== Tag.features) {
        skip(reader, tag);
        continue;
      }
      const nested = readMessage(reader);
      for (let inner = readTag(nested); inner !== 0; inner = readTag(nested)) {
        if (inner === Tag.entry) readEntry(readMessage(nested), features, empty);
        else skip(nested, inner);
      }
    }
  } catch (error) {
    throw invalidArgument(`cannot decode tensorflow.Example: ${messageOf(error)}`);
  }
  return features;
}

/** An example over its serialized bytes; values of bytes features, and floats where aligned, are views of them. */
export const decodeExample = (bytes: Uint8Array): Example => ({ bytes, features: () => readFeatures(bytes) });
