import type { ServerResponse } from "node:http";
import type { MetricsPage } from "../../../core/index.js";

/** Answers with the page. As in TensorFlow Serving a query string makes it another path, which is refused. */
export async function sendMetrics(
  page: MetricsPage,
  path: string,
  target: string,
  outgoing: ServerResponse,
): Promise<void> {
  const right = target === path;
  const body = right ? await page.render() : `Unexpected path: ${target}. Should be ${path}`;
  outgoing.writeHead(right ? 200 : 400, {
    "Content-Type": right ? page.contentType : "text/plain",
    "Content-Length": Buffer.byteLength(body),
  });
  outgoing.end(body);
}
