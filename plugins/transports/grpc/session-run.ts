import {
  DEFAULT_SIGNATURE,
  type Frontend,
  invalidArgument,
  type Lease,
  record,
  type TensorSpec,
} from "../../../core/index.js";
import { SessionRunRequestSchema } from "../../../protos/gen/tensorflow_serving/apis/session_service_pb.js";
import { decodeInputs } from "../../../protos/serving/decode-inputs.js";
import { modelSpecField } from "../../../protos/serving/model-spec-field.js";
import { type EncodeOptions, tensorFields } from "../../../protos/tensor/encode.js";
import { encodeMessage, message, string } from "../../../protos/wire/writer.js";

import { decoding } from "./messages.js";
import { toModelSpec } from "./model-spec.js";
import { readSessionRunRequest } from "./session-run-request.js";
import type { Handler } from "./unary.js";

type Side = "inputs" | "outputs";
type Translate = (name: string, side: Side) => string;

const asItIs: Translate = (name) => name;

/** From a signature's names to those of the graph's tensors. */
function byAlias({ signatures }: Lease, signatureName: string): Translate {
  const signature = Object.hasOwn(signatures, signatureName) ? signatures[signatureName] : undefined;
  if (!signature) throw invalidArgument(`No signature was found with the name: ${signatureName}`);
  return (name, side) => {
    const specs: Readonly<Record<string, TensorSpec>> = signature[side];
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (!spec) throw invalidArgument(`"${name}" is none of the ${side} of the signature "${signatureName}"`);
    return spec.name ?? name;
  };
}

/** SessionService.SessionRun. Tensors come back under the names that they were asked for. */
export function sessionRun(frontend: Frontend, options: EncodeOptions): Handler {
  return async (bytes, { signal }, event) => {
    const request = decoding(SessionRunRequestSchema.typeName, () => readSessionRunRequest(bytes));
    const lease = frontend.lease(toModelSpec(request.spec), event);
    try {
      const signature = request.aliases ? request.spec?.signatureName || DEFAULT_SIGNATURE : "";
      const translate = request.aliases ? byAlias(lease, signature) : asItIs;
      const feeds = Object.entries(decodeInputs(request.feeds));
      const tensors = await lease.runSession({
        feeds: record(feeds.map(([name, tensor]) => [translate(name, "inputs"), tensor])),
        fetches: request.fetches.map((name) => translate(name, "outputs")),
        targets: request.targets,
        signal,
      });
      const named = tensors.map((tensor, i) =>
        message(1, [string(1, request.fetches[i] ?? ""), message(2, tensorFields(tensor, options))]),
      );
      return encodeMessage([...named, modelSpecField(3, lease.model, lease.version, signature)]);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
