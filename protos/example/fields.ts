import { tagOf, Wire } from "../wire/reader.js";

/** Field numbers of tf.Example, Features, the entries of its map, Feature and the three lists. */
export const Field = { features: 1, feature: 1, key: 1, value: 2, bytesList: 1, floatList: 2, int64List: 3, item: 1 };

export const Tag = {
  features: tagOf(Field.features, Wire.bytes),
  entry: tagOf(Field.feature, Wire.bytes),
  key: tagOf(Field.key, Wire.bytes),
  value: tagOf(Field.value, Wire.bytes),
  bytesList: tagOf(Field.bytesList, Wire.bytes),
  floatList: tagOf(Field.floatList, Wire.bytes),
  int64List: tagOf(Field.int64List, Wire.bytes),
  /** A bytes value; a packed run of floats or integers. */
  item: tagOf(Field.item, Wire.bytes),
  float: tagOf(Field.item, Wire.fixed32),
  int64: tagOf(Field.item, Wire.varint),
};
