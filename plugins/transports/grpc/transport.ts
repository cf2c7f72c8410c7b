import type { DescService } from "@bufbuild/protobuf";
import {
  type Frontend,
  type Host,
  MetricsPageToken,
  type RequestMethod,
  TelemetryToken,
  type Transport,
} from "../../../core/index.js";
import { Health } from "../../../protos/gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../../../protos/gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../../protos/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { ModelService } from "../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { PredictionService } from "../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { SessionService } from "../../../protos/gen/tensorflow_serving/apis/session_service_pb.js";
import { classify } from "./classify.js";
import type { GrpcEngine, Method, Methods } from "./engine.js";
import { createHealth } from "./health.js";
import { getModelMetadata } from "./metadata.js";
import { getModelStatus } from "./model-status.js";
import { multiInference } from "./multi-inference.js";
import type { GrpcOptions } from "./options.js";
import { predict } from "./predict.js";
import { createReflection } from "./reflection.js";
import { regress } from "./regress.js";
import { handleReloadConfigRequest } from "./reload.js";
import { methodsOf } from "./services.js";
import { sessionRun } from "./session-run.js";
import { type Handler, unary } from "./unary.js";

type Served = {
  readonly methods: Methods;
  /** Each ends streams that would keep connections open. */
  readonly drains: readonly (() => void)[];
};

/** The services that `options` ask for. */
function serve(frontend: Frontend, options: GrpcOptions, host: Host): Served {
  const { log } = host;
  const telemetry = host.get(TelemetryToken);
  const served: DescService[] = [];
  const methods = new Map<string, Method>();
  const add = (service: DescService, handlers: Readonly<Record<string, Method>>) => {
    served.push(service);
    for (const [path, method] of methodsOf(service, handlers)) methods.set(path, method);
  };
  const drains: (() => void)[] = [];

  const rpc = (method: RequestMethod, handler: Handler) => ({ [method]: unary(handler, host, { method, telemetry }) });

  add(PredictionService, {
    ...rpc("Predict", predict(frontend, { content: options.tensorContent })),
    ...rpc("Classify", classify(frontend)),
    ...rpc("Regress", regress(frontend)),
    ...rpc("MultiInference", multiInference(frontend)),
    ...rpc("GetModelMetadata", getModelMetadata(frontend)),
  });
  add(ModelService, {
    ...rpc("GetModelStatus", getModelStatus(frontend)),
    ...rpc("HandleReloadConfigRequest", handleReloadConfigRequest(frontend, host.get(MetricsPageToken))),
  });
  add(SessionService, rpc("SessionRun", sessionRun(frontend, { content: options.tensorContent })));
  if (options.health) {
    const health = createHealth(frontend, host);
    add(Health, health.handlers);
    drains.push(health.drain);
  }
  if (options.reflection) {
    const reflection = createReflection([...served, ServerReflection, ServerReflectionAlpha], log);
    add(ServerReflection, reflection.handlers);
    add(ServerReflectionAlpha, reflection.handlers);
    drains.push(reflection.drain);
  }
  return { methods, drains };
}

/** Only the engine that is chosen is loaded. */
async function createEngine(host: Host, options: GrpcOptions): Promise<GrpcEngine> {
  if (options.engine === "http2") {
    return (await import("./engines/http2/engine.js")).createHttp2Engine(host, options);
  }
  return (await import("./engines/grpc-js/engine.js")).createGrpcJsEngine(host, options);
}

export function createGrpcTransport(host: Host, options: GrpcOptions): Transport {
  let engine: GrpcEngine | undefined;
  let drains: readonly (() => void)[] = [];
  return {
    listen: async (frontend) => {
      const served = serve(frontend, options, host);
      drains = served.drains;
      engine = await createEngine(host, options);
      const address = await engine.listen(served.methods);
      return { ...address, ...(options.tls && { secure: true }) };
    },
    announceEnd: () => engine?.announceEnd?.(),
    drain: async (deadline) => {
      const drained = engine?.drain(deadline);
      for (const end of drains) end();
      await drained;
    },
    [Symbol.asyncDispose]: async () => engine?.[Symbol.asyncDispose](),
  };
}
