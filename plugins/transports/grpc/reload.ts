import { create } from "@bufbuild/protobuf";
import {
  type Config,
  type Frontend,
  invalidArgument,
  isConfigError,
  isPlatformChange,
  isServingError,
  type MetricsPage,
} from "../../../core/index.js";
import {
  ReloadConfigRequestSchema,
  ReloadConfigResponseSchema,
} from "../../../protos/gen/tensorflow_serving/apis/model_management_pb.js";
import { modelsFromProto, platformFor, unknownLogCollector } from "../../../protos/model-config.js";
import { decodeMessage, encode } from "./messages.js";
import { metricReader } from "./metric-reader.js";
import type { Handler } from "./unary.js";

/**
 * ModelService.HandleReloadConfigRequest: the models in the request become the configured ones. The increases of
 * metrics come back where a plugin has a metrics page. What goes wrong is the call's status, which is all that gRPC
 * sends of a call that failed.
 */
export function handleReloadConfigRequest(frontend: Frontend, page: MetricsPage | undefined): Handler {
  return async (bytes, { signal }) => {
    const { config, metricNames } = decodeMessage(ReloadConfigRequestSchema, bytes);
    if (config?.config.case !== "modelConfigList") {
      throw invalidArgument(
        "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
      );
    }
    const models = modelsFromProto(config);
    const increases = page && metricNames.length > 0 ? await metricReader(page, metricNames) : async () => [];
    try {
      await frontend.reload(models, { signal });
    } catch (error) {
      throw inItsWords(error, models);
    }
    const metric = (await increases()).map(({ name, increase }) => ({
      name,
      valueIncrease: { case: "int64ValueIncrease" as const, value: increase },
    }));
    return encode(ReloadConfigResponseSchema, create(ReloadConfigResponseSchema, { status: {}, metric }));
  };
}

/** What TensorFlow Serving calls a platform is a servable type here; its own texts are known to its clients. */
function inItsWords(error: unknown, models: Config["models"]): unknown {
  if (!isServingError(error)) return error;
  const { cause } = error;
  if (isPlatformChange(cause)) {
    const { model, was, requested } = cause;
    return invalidArgument(
      `Illegal to change a model's platform. For model ${model} platform was ${platformFor(was)} ` +
        `and new platform requested is ${platformFor(requested)}`,
    );
  }
  const problems = isConfigError(cause) ? cause.problems : [];
  for (const { path } of problems) {
    const [, name = "", part, key] = path;
    const { servable, requestLog } = models[name] ?? {};
    if (key !== "type") continue;
    if (part === "servable") return invalidArgument(`Model ${name} requests unsupported platform ${typeOf(servable)}`);
    if (part === "requestLog" && requestLog) return unknownLogCollector(requestLog.type);
  }
  return error;
}

const typeOf = (servable: Config["models"][string]["servable"]) =>
  typeof servable === "object" ? servable.type : servable;
