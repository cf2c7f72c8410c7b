/** What a server did not answer, in its own words. */
export class RequestFailed extends Error {
  constructor(
    readonly model: string,
    readonly status: number,
    said: string,
  ) {
    super(`${model}: ${status} ${said}`);
  }
}

/**
 * One request in columns, as curl would send it; `model` may be followed by `/versions/1` or `/labels/canary`.
 * @throws {RequestFailed}
 */
export async function predict<T>(server: string, model: string, inputs: object): Promise<T> {
  const response = await fetch(`${server}/v1/models/${model}:predict`, {
    method: "POST",
    body: JSON.stringify({ inputs }),
  });
  const body = (await response.json()) as { outputs: T; error: string };
  if (!response.ok) throw new RequestFailed(model, response.status, body.error);
  return body.outputs;
}
