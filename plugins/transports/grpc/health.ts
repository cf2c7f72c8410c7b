import { create } from "@bufbuild/protobuf";
import { type Frontend, notFound, unavailable } from "../../../core/index.js";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../protos/gen/grpc/health/v1/health_pb.js";
import type { Method, StreamCall, StreamListener } from "./engine.js";
import { decodeMessage, encode } from "./messages.js";
import { toStatus } from "./status.js";
import { type UnaryHost, unary } from "./unary.js";

/** What may be asked for: the server as a whole, and its services by their full names and short ones. */
const services: ReadonlySet<string> = new Set([
  "",
  "tensorflow.serving.PredictionService",
  "tensorflow.serving.ModelService",
  "PredictionService",
  "ModelService",
]);

/** How often watched readiness is looked at, in milliseconds. */
const INTERVAL = 250;

/** What a watching client asked for and was told last. */
type Watch = { readonly service: string; told: ServingStatus | undefined };

export type Health = {
  readonly handlers: Readonly<Record<"Check" | "Watch", Method>>;
  /** Says NOT_SERVING from now on and ends every watch, so that connections can close. */
  drain(): void;
};

const response = (status: ServingStatus) =>
  encode(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }));

/** grpc.health.v1.Health, following the frontend's readiness. */
export function createHealth(frontend: Frontend, host: UnaryHost): Health {
  const { log } = host;
  const watches = new Map<StreamCall, Watch>();
  let draining = false;
  let timer: NodeJS.Timeout | undefined;

  const now = () => (draining || !frontend.readiness().ready ? ServingStatus.NOT_SERVING : ServingStatus.SERVING);

  function tell(): void {
    const status = now();
    for (const [call, watch] of watches) {
      // The protocol keeps the watch of an unknown service open: the service might appear.
      const news = services.has(watch.service) ? status : ServingStatus.SERVICE_UNKNOWN;
      if (news === watch.told) continue;
      watch.told = news;
      call.send(response(news));
    }
  }

  function forget(call: StreamCall): void {
    watches.delete(call);
    if (watches.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function watch(call: StreamCall): StreamListener {
    return {
      message: (bytes) => {
        try {
          const { service } = decodeMessage(HealthCheckRequestSchema, bytes);
          watches.set(call, { service, told: undefined });
          timer ??= setInterval(tell, INTERVAL).unref();
          tell();
        } catch (error) {
          call.end(toStatus(error, log));
        }
      },
      halfClose: () => {},
      closed: () => forget(call),
    };
  }

  const check = unary((bytes) => {
    const { service } = decodeMessage(HealthCheckRequestSchema, bytes);
    if (!services.has(service)) throw notFound(`there is no service "${service}" here`);
    return response(now());
  }, host);

  return {
    handlers: { Check: check, Watch: { kind: "server-stream", open: watch } },
    drain: () => {
      draining = true;
      tell();
      const end = toStatus(unavailable("the server is shutting down"), log);
      for (const call of watches.keys()) call.end(end);
    },
  };
}
