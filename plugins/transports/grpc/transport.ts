import type { DescService } from "@bufbuild/protobuf";
import { Server, ServerCredentials, setLogger, type UntypedServiceImplementation } from "@grpc/grpc-js";
import {
  type Frontend,
  type Host,
  ListenerToken,
  MetricsPageToken,
  type RequestMethod,
  readTls,
  TelemetryToken,
  type Transport,
} from "../../../core/index.js";
import { Health } from "../../../protos/gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../../../protos/gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../../protos/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { ModelService } from "../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { PredictionService } from "../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { SessionService } from "../../../protos/gen/tensorflow_serving/apis/session_service_pb.js";
import { bind } from "./bind.js";
import { classify } from "./classify.js";
import { createHealth } from "./health.js";
import { getModelMetadata } from "./metadata.js";
import { getModelStatus } from "./model-status.js";
import { multiInference } from "./multi-inference.js";
import type { GrpcOptions } from "./options.js";
import { predict } from "./predict.js";
import { createReflection } from "./reflection.js";
import { regress } from "./regress.js";
import { handleReloadConfigRequest } from "./reload.js";
import { rawService } from "./services.js";
import { sessionRun } from "./session-run.js";
import { type Handler, unary } from "./unary.js";

/** Adds the services that `options` ask for. Returns what ends the streams that would keep connections open. */
function addServices(server: Server, frontend: Frontend, options: GrpcOptions, host: Host): readonly (() => void)[] {
  const { log } = host;
  const telemetry = host.get(TelemetryToken);
  const served: DescService[] = [];
  const add = (service: DescService, handlers: UntypedServiceImplementation) => {
    served.push(service);
    server.addService(rawService(service, Object.keys(handlers)), handlers);
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
  return drains;
}

async function credentialsOf({ tls }: GrpcOptions, { baseDir }: Host): Promise<ServerCredentials> {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { key, cert, clientCa, clientVerify } = await readTls(tls, baseDir);
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  return ServerCredentials.createSsl(clientCa === undefined ? null : Buffer.from(clientCa), [pair], clientVerify);
}

export function createGrpcTransport(host: Host, options: GrpcOptions): Transport {
  // grpc-js would write to standard error; what matters of it comes back as errors too.
  const line = (...parts: readonly unknown[]) => host.log.debug({}, `grpc-js: ${parts.join(" ")}`);
  setLogger({ error: line, info: line, debug: line });
  const server = new Server({
    ...options.channelArguments,
    "grpc.max_receive_message_length": options.maxMessageSize,
    "grpc.max_send_message_length": options.maxMessageSize,
  });
  let drains: readonly (() => void)[] = [];
  return {
    listen: async (frontend) => {
      drains = addServices(server, frontend, options, host);
      const address = await bind(server, options, await credentialsOf(options, host), host.get(ListenerToken));
      return { ...address, ...(options.tls && { secure: true }) };
    },
    drain: (deadline) =>
      new Promise((resolve) => {
        const cut = () => {
          server.forceShutdown();
          resolve();
        };
        deadline.addEventListener("abort", cut, { once: true });
        server.tryShutdown(() => {
          deadline.removeEventListener("abort", cut);
          resolve();
        });
        for (const end of drains) end();
        if (deadline.aborted) cut();
      }),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}
