import type { IncomingHttpHeaders } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import {
  endRequest,
  type Frontend,
  type Host,
  MetricsPageToken,
  newRequest,
  PRIORITY_HEADER,
  type Priority,
  type RequestEvent,
  type RequestMethod,
  type RequestOptions,
  readPriority,
  TelemetryToken,
  toServingError,
} from "../../../core/index.js";
import { batches } from "./batches.js";
import { readBody } from "./body.js";
import { classify, regress } from "./example-methods.js";
import { metadata } from "./metadata.js";
import { sendMetrics } from "./metrics.js";
import type { RestOptions } from "./options.js";
import { predict } from "./predict.js";
import { refuseBody } from "./refuse-body.js";
import { pretty, sendError, sendJson } from "./reply.js";
import { createRequestSignal } from "./request-signal.js";
import { parseRoute, type Route } from "./route.js";
import { status } from "./status.js";

type Env = { Bindings: HttpBindings };
type Handler = (context: Context<Env>) => Promise<Response> | Response;

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "POST, GET",
  "Access-Control-Allow-Headers": "Content-Type",
};
const NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n";

const methods: Readonly<Record<Route["action"], RequestMethod>> = {
  status: "GetModelStatus",
  metadata: "GetModelMetadata",
  batches: "GetModelBatches",
  predict: "Predict",
  classify: "Classify",
  regress: "Regress",
};

const inference = { predict, classify, regress };

/** The request target as it was sent, without the origin that a request through a proxy may carry. */
const targetOf = (context: Context<Env>): string => (context.env.incoming.url ?? "").replace(/^https?:\/\/[^/]*/i, "");

/** @throws INVALID_ARGUMENT */
function priorityOf({ [PRIORITY_HEADER]: value }: IncomingHttpHeaders): Priority | undefined {
  return value === undefined ? undefined : readPriority(String(value));
}

/**
 * The routes. Hono chooses the handler; bodies and replies go past it on Node's own streams, because a `Request` or
 * `Response` would copy them.
 */
export function createApp(frontend: Frontend, options: RestOptions, host: Host): Hono<Env> {
  const { log } = host;
  const telemetry = host.get(TelemetryToken);
  const page = host.get(MetricsPageToken);

  const answer = async (
    { env: { incoming, outgoing } }: Context<Env>,
    target: string,
    event: RequestEvent,
  ): Promise<void> => {
    const { action, spec } = parseRoute(incoming.method ?? "", target);
    event.method = methods[action];
    event.model = spec.name;
    if (action === "status") return sendJson(outgoing, 200, pretty(status(frontend, spec)));
    if (action === "metadata") return sendJson(outgoing, 200, pretty(metadata(frontend, spec, event)));
    if (action === "batches") return sendJson(outgoing, 200, pretty(await batches(frontend, spec)));
    const body = await readBody(incoming, options.maxBodySize);
    if (body === "too large") {
      event.code = "RESOURCE_EXHAUSTED";
      return refuseBody(incoming, outgoing, options.maxBodySize);
    }
    event.start = performance.now();
    using request = createRequestSignal(outgoing, options.timeout);
    const asked: RequestOptions = {
      signal: request.signal,
      deadline: host.clock.now() + options.timeout,
      priority: priorityOf(incoming.headers),
    };
    sendJson(outgoing, 200, await inference[action](frontend, spec, body, asked, event));
  };

  const api: Handler = async (context) => {
    const target = targetOf(context);
    if (!target.startsWith("/v1/")) return context.notFound();
    const event = newRequest("REST");
    try {
      await answer(context, target, event);
      endRequest(telemetry, event, event.code);
    } catch (error) {
      endRequest(telemetry, event, toServingError(error).code);
      sendError(context.env.outgoing, error, log);
    }
    return RESPONSE_ALREADY_SENT;
  };

  const app = new Hono<Env>();
  if (options.cors) {
    app.use(async ({ env: { outgoing } }, next) => {
      for (const [name, value] of Object.entries(CORS)) outgoing.setHeader(name, value);
      await next();
    });
  }
  const { metricsPath } = options;
  if (page !== undefined && metricsPath !== false) {
    app.all(metricsPath, async (context) => {
      await sendMetrics(page, metricsPath, targetOf(context), context.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
  }
  app.get("/healthz", ({ env: { outgoing } }) => {
    sendJson(outgoing, 200, pretty({ status: "ok" }));
    return RESPONSE_ALREADY_SENT;
  });
  app.get("/readyz", ({ env: { outgoing } }) => {
    const readiness = frontend.readiness();
    sendJson(outgoing, readiness.ready ? 200 : 503, pretty(readiness));
    return RESPONSE_ALREADY_SENT;
  });
  app.options("/v1/*", ({ env: { incoming, outgoing } }) => {
    const allowed = /https?:\/\//.test(incoming.headers.origin ?? "");
    outgoing.writeHead(allowed ? 200 : 400, { "Content-Length": 0 }).end();
    return RESPONSE_ALREADY_SENT;
  });
  app.all("/v1/*", api);
  app.notFound(({ env: { outgoing } }) => {
    outgoing.writeHead(404, { "Content-Type": "text/html", "Content-Length": NOT_FOUND.length }).end(NOT_FOUND);
    return RESPONSE_ALREADY_SENT;
  });
  app.onError((error, { env: { outgoing } }) => {
    sendError(outgoing, error, log);
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}
