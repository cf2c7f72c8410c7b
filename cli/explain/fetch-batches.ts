import { messageOf } from "../../core/index.js";
import type { BatchesReply } from "../../plugins/transports/rest/batches.js";

const PATIENCE = 10_000;

/** @throws Error that says, for people, why the server at `url` does not tell */
export async function fetchBatches(url: string, model: string): Promise<BatchesReply> {
  const reply = await ask(new URL(`v1/models/${encodeURIComponent(model)}/batches`, url.replace(/\/*$/, "/")), url);
  const body = (await reply.json().catch(() => undefined)) as (Partial<BatchesReply> & { error?: string }) | undefined;
  const { model_name = model, batches, refused = {}, error = "Malformed request" } = body ?? {};
  if (reply.ok && batches) return { model_name, batches, refused };
  if (error.startsWith("Malformed request")) {
    throw new Error(
      `what answers at ${url} knows nothing of batches (status ${reply.status}): is it Salver's REST port?`,
    );
  }
  throw new Error(reply.status === 404 ? `${url} has no model "${model}": ${error}` : error);
}

/** @throws Error that says, for people, why nobody answers at `url` */
export async function ask(target: URL, url: string): Promise<Response> {
  try {
    return await fetch(target, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (cause) {
    const how = "give the REST address of a running one, --url http://host:port";
    throw new Error(`no server answers at ${url} (${reasonOf(cause)}): ${how}`, { cause });
  }
}

/** What Node's fetch hides in the cause, which for a name of several addresses has a code and no message. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  return messageOf(cause) || String((cause as { readonly code?: unknown }).code);
}
