import { bytesOf, type Example, type Feature } from "../../core/index.js";
import { bytes, encodeMessage, message, packed64, string, type Field as Writable } from "../wire/writer.js";
import { decodeExample } from "./decode.js";
import { Field } from "./fields.js";

/** Features by name; an undefined one is written without values, and so takes the place of one that came before. */
export type Features = Readonly<Record<string, Feature | undefined>>;

function listOf(feature: Feature): Writable {
  switch (feature.kind) {
    case "bytes":
      return message(
        Field.bytesList,
        feature.values.map((value) => bytes(Field.item, value)),
      );
    case "float":
      return message(Field.floatList, feature.values.length === 0 ? [] : [bytes(Field.item, bytesOf(feature.values))]);
    case "int64":
      return message(Field.int64List, feature.values.length === 0 ? [] : [packed64(Field.item, feature.values)]);
  }
}

/** A serialized tf.Example. */
export function encodeExample(features: Features): Uint8Array {
  const entries = Object.entries(features).map(([name, feature]) =>
    message(Field.feature, [string(Field.key, name), message(Field.value, feature ? [listOf(feature)] : [])]),
  );
  return encodeMessage([message(Field.features, entries)]);
}

/** An example from its features. They are kept serialized only, which is how they take least memory. */
export const exampleOf = (features: Features): Example => decodeExample(encodeExample(features));
