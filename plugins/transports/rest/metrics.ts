import type { MetricsPage } from "../../../core/index.js";

/** Answers with the page. As in TensorFlow Serving a query string makes it another path, which is refused. */
export async function answerMetrics(
  page: MetricsPage,
  path: string,
  target: string,
  reply: (status: number, contentType: string, body: string) => void,
): Promise<void> {
  if (target === path) reply(200, page.contentType, await page.render());
  else reply(400, "text/plain", `Unexpected path: ${target}. Should be ${path}`);
}
