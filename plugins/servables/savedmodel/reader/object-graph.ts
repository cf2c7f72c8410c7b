import { fromBinary } from "@bufbuild/protobuf";
import { dataLoss, messageOf } from "../../../../core/index.js";
import type { Bundle } from "../../../../formats/tensor-bundle/bundle.js";
import { TrackableObjectGraphSchema } from "../../../../protos/gen/tensorflow/core/protobuf/trackable_object_graph_pb.js";

const KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";
const VALUE = "VARIABLE_VALUE";

/**
 * The checkpoint keys of variables by their names, as the graph of Python objects in the checkpoint tells them; names that
 * several variables have are left out. This is how TensorFlow restores a model in Python, where its session runs the
 * operators made for it, of which a Keras 3 model saved by `tf.saved_model.save` has none.
 * @throws DATA_LOSS when it is damaged
 */
export function keysByName(bundle: Bundle): ReadonlyMap<string, string> {
  if (!bundle.keys.has(KEY)) return new Map();
  const keys = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const { name, fullName, checkpointKey } of attributesIn(bundle)) {
    if (name !== VALUE || fullName === "" || !bundle.keys.has(checkpointKey)) continue;
    if (keys.has(fullName) && keys.get(fullName) !== checkpointKey) ambiguous.add(fullName);
    keys.set(fullName, checkpointKey);
  }
  for (const name of ambiguous) keys.delete(name);
  return keys;
}

function attributesIn(bundle: Bundle) {
  try {
    const graph = fromBinary(TrackableObjectGraphSchema, bundle.strings(KEY)[0] ?? new Uint8Array());
    return graph.nodes.flatMap(({ attributes }) => attributes);
  } catch (error) {
    throw dataLoss(`variables.index: its graph of objects is damaged: ${messageOf(error)}`, error);
  }
}
