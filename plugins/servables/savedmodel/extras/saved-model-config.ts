import { type Host, internal, type LocalVersion } from "../../../../core/index.js";
import { createReader, type Reader, readMessage, readTag, skip, Wire } from "../../../../protos/wire/reader.js";
import { extraPath, readExtra } from "./read-extra.js";

/** The fields of a message that are messages themselves, as far as they are looked into. */
type Shape = { readonly [field: number]: { readonly name: string; readonly shape: Shape } };

/** `tensorflow.serving.SavedModelConfig`, tensorflow_serving/servables/tensorflow/saved_model_config.proto. */
const savedModelConfig: Shape = {
  1: {
    name: "session_overrides",
    shape: { 1: { name: "remote_op_remap_config", shape: {} }, 2: { name: "batch_op_rewriter_config", shape: {} } },
  },
  2: { name: "tfrt_runtime_config", shape: {} },
};

/**
 * Reads a version's SavedModelConfig, where it has one. All that it can say concerns the rewriting of graphs inside
 * TensorFlow Serving and its other runtime, so it has no effect here, which is logged.
 * @throws ServingError INTERNAL with TensorFlow Serving's text for a file that is no such message
 */
export async function checkSavedModelConfig(host: Host, { version, path }: LocalVersion): Promise<void> {
  const file = extraPath(path, "saved_model_config.pb");
  try {
    const bytes = await readExtra(file);
    const fields = bytes ? fieldsIn(createReader(bytes), savedModelConfig) : [];
    if (fields.length === 0) return;
    host.log.warn({ version: String(version), file, fields }, `${file}: without effect here: ${fields.join(", ")}`);
  } catch (error) {
    throw internal(`Unable to parse SavedModelConfig: ${file}`, error);
  }
}

/** Names of the messages in a message, with those inside them. @throws ServingError for what is no message */
function fieldsIn(reader: Reader, shape: Shape): readonly string[] {
  const names: string[] = [];
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    const known = (tag & 7) === Wire.bytes ? shape[tag >>> 3] : undefined;
    if (!known) {
      skip(reader, tag);
      continue;
    }
    const inner = fieldsIn(readMessage(reader), known.shape);
    names.push(...(inner.length > 0 ? inner.map((name) => `${known.name}.${name}`) : [known.name]));
  }
  return names;
}
