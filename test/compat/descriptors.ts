import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_tensorflow_serving_apis_model_service } from "../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { file_tensorflow_serving_apis_prediction_service } from "../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";

/** The public services and all that they stand on as a serialized FileDescriptorSet, what is imported before who imports. */
export function servingDescriptors(): Uint8Array {
  const files = new Map<string, DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(file.name)) return;
    for (const dependency of file.dependencies) add(dependency);
    files.set(file.name, file);
  };
  add(file_tensorflow_serving_apis_prediction_service);
  add(file_tensorflow_serving_apis_model_service);
  const set = create(FileDescriptorSetSchema, { file: [...files.values()].map(({ proto }) => proto) });
  return toBinary(FileDescriptorSetSchema, set);
}
