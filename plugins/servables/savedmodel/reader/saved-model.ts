import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { dataLoss, failedPrecondition, invalidArgument, notFound } from "../../../../core/index.js";
import type { MetaGraphDef } from "../../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { type SavedModel, SavedModelSchema } from "../../../../protos/gen/tensorflow/core/protobuf/saved_model_pb.js";

const FILE = "saved_model.pb";
// Protocol buffers end at 2 GiB.
const LARGEST = 2 ** 31 - 1;

function readFile(dir: string): Uint8Array {
  const path = join(dir, FILE);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    const text = statSync(join(dir, "saved_model.pbtxt"), { throwIfNoEntry: false });
    if (text)
      throw failedPrecondition("saved_model.pbtxt is not read; export the model in binary form (saved_model.pb)");
    throw notFound(`${FILE} is missing`);
  }
  if (size > LARGEST)
    throw failedPrecondition(`${FILE} has ${size} bytes; no protocol buffer has more than ${LARGEST}`);
  return readFileSync(path);
}

function parse(bytes: Uint8Array): SavedModel {
  try {
    return fromBinary(SavedModelSchema, bytes);
  } catch (error) {
    throw dataLoss(`${FILE} (${bytes.length} bytes) is damaged or was cut short`, error);
  }
}

/**
 * The meta graph of the SavedModel in `dir` whose tags are exactly `tags`.
 * @throws NOT_FOUND, DATA_LOSS, FAILED_PRECONDITION, or INVALID_ARGUMENT when no meta graph has the tags
 */
export function readMetaGraph(dir: string, tags: readonly string[]): MetaGraphDef {
  const { metaGraphs } = parse(readFile(dir));
  if (metaGraphs.length === 0) throw dataLoss(`${FILE} holds no graph`);
  const wanted = [...new Set(tags)].sort().join();
  const tagsOf = (graph: MetaGraphDef) => [...new Set(graph.metaInfoDef?.tags)].sort();
  const found = metaGraphs.find((graph) => tagsOf(graph).join() === wanted);
  if (found) return found;
  const there = metaGraphs.map((graph) => `[${tagsOf(graph)}]`).join(", ");
  throw invalidArgument(
    `${FILE} has no graph with the tags [${tags}]; it has ${there}. Choose by --saved_model_tags, or by "tags" in a config`,
  );
}
