import { ask } from "./fetch-batches.js";

type Version = {
  readonly version: string;
  readonly state: string;
  readonly status: { readonly error_code: string; readonly error_message: string };
};

/** Why versions of a model cannot be reached, one line each; none of those that are gone for no special reason. */
export async function fetchUnreachable(url: string, model: string): Promise<readonly string[]> {
  const reply = await ask(new URL(`v1/models/${encodeURIComponent(model)}`, url.replace(/\/*$/, "/")), url);
  const body = (await reply.json().catch(() => undefined)) as { model_version_status?: readonly Version[] } | undefined;
  return (body?.model_version_status ?? [])
    .filter(({ state, status }) => state !== "AVAILABLE" && status.error_message !== "")
    .map(({ version, state, status: { error_code, error_message } }) => {
      const code = error_code === "OK" ? "" : `${error_code}: `;
      return `${model} ${version} is ${state}: ${code}${error_message}`;
    });
}
