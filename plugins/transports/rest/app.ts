import {
  endRequest,
  type Frontend,
  type Host,
  MetricsPageToken,
  newRequest,
  type RequestEvent,
  type RequestMethod,
  readPriority,
  TelemetryToken,
  toServingError,
} from "../../../core/index.js";
import { batches } from "./batches.js";
import type { Exchange, Serve } from "./engine.js";
import { classify, regress } from "./example-methods.js";
import { metadata } from "./metadata.js";
import { answerMetrics } from "./metrics.js";
import type { RestOptions } from "./options.js";
import { predict } from "./predict.js";
import { createReplies, errorBody, pretty } from "./reply.js";
import { Asked } from "./request-options.js";
import { createRoutes, type Route } from "./route.js";
import { status } from "./status.js";
import { createTimeouts } from "./timeouts.js";

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
const pathOf = (target: string): string => (target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/]*/i, ""));

const tooLarge = (limit: number): string =>
  errorBody(
    `the request body is larger than the limit of ${limit} bytes: send fewer instances in a request, or raise ` +
      `"maxBodySize" of the rest transport`,
  );

/** The routes. */
export function createApp(frontend: Frontend, options: RestOptions, host: Host): Serve {
  const { metricsPath, maxBodySize, timeout } = options;
  const { clock, log } = host;
  const telemetry = host.get(TelemetryToken);
  const page = host.get(MetricsPageToken);
  const replies = createReplies(options.cors, log);
  const routes = createRoutes();
  const timeouts = createTimeouts(timeout);

  async function infer(
    exchange: Exchange,
    { action, spec }: Route & { readonly action: keyof typeof inference },
    event: RequestEvent,
  ): Promise<void> {
    const came = exchange.body();
    const body = came instanceof Promise ? await came : came;
    if (body === "too large") {
      event.code = "RESOURCE_EXHAUSTED";
      replies.json(exchange, 413, tooLarge(maxBodySize));
      return;
    }
    event.start = performance.now();
    const { priority } = exchange;
    const asked = new Asked(exchange, {
      timeouts,
      timeout,
      deadline: clock.now() + timeout,
      priority: priority === undefined ? undefined : readPriority(priority),
    });
    try {
      replies.json(exchange, 200, await inference[action](frontend, spec, body, asked, event));
    } finally {
      asked.end();
    }
  }

  async function answer(exchange: Exchange, path: string, event: RequestEvent): Promise<void> {
    const { action, spec } = routes(exchange.method, path);
    event.method = methods[action];
    event.model = spec.name;
    if (action === "status") replies.json(exchange, 200, pretty(status(frontend, spec)));
    else if (action === "metadata") replies.json(exchange, 200, pretty(metadata(frontend, spec, event)));
    else if (action === "batches") replies.json(exchange, 200, pretty(await batches(frontend, spec)));
    else await infer(exchange, { action, spec }, event);
  }

  async function api(exchange: Exchange, path: string): Promise<void> {
    const event = newRequest("REST");
    try {
      await answer(exchange, path, event);
      endRequest(telemetry, event, event.code);
    } catch (error) {
      endRequest(telemetry, event, toServingError(error).code);
      replies.error(exchange, error);
    }
  }

  function health(exchange: Exchange, path: string): boolean {
    if (exchange.method !== "GET" && exchange.method !== "HEAD") return false;
    if (path === "/healthz") replies.json(exchange, 200, pretty({ status: "ok" }));
    else if (path === "/readyz") {
      const readiness = frontend.readiness();
      replies.json(exchange, readiness.ready ? 200 : 503, pretty(readiness));
    } else return false;
    return true;
  }

  return (exchange) => {
    const target = pathOf(exchange.target);
    if (target.startsWith("/v1/")) {
      if (exchange.method !== "OPTIONS") void api(exchange, target);
      else replies.empty(exchange, /https?:\/\//.test(exchange.origin ?? "") ? 200 : 400);
      return;
    }
    const [path = ""] = target.split("?", 1);
    if (page !== undefined && path === metricsPath) {
      answerMetrics(page, path, target, (...reply) => replies.text(exchange, ...reply)).catch((error: unknown) =>
        replies.error(exchange, error),
      );
    } else if (!health(exchange, path)) replies.notFound(exchange);
  };
}
