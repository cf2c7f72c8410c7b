import { create } from "@bufbuild/protobuf";
import { invalidArgument, type ModelSpec } from "../../../core/index.js";
import { type ModelSpec as Message, ModelSpecSchema } from "../../../protos/gen/tensorflow_serving/apis/model_pb.js";

/** The model that a request's `model_spec` means, by TensorFlow Serving's rules. */
export function toModelSpec(message: Message | undefined): ModelSpec {
  if (message === undefined) throw invalidArgument("Missing ModelSpec");
  const { name, versionChoice } = message;
  if (name === "") throw invalidArgument("ModelSpec has no name specified.");
  if (versionChoice.case === "version") return { name, version: versionChoice.value.value };
  if (versionChoice.case === "versionLabel") return { name, label: versionChoice.value };
  return { name };
}

/** What a response says of who answered: the name as asked for and the real version; never a label. */
export function answeredBy(name: string, version: bigint, signatureName = ""): Message {
  return create(ModelSpecSchema, {
    name,
    signatureName,
    versionChoice: { case: "version", value: { value: version } },
  });
}
