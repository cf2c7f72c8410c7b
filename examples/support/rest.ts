/** One request in columns, as curl would send it. @throws with the server's own words */
export async function predict<T>(server: string, model: string, inputs: object): Promise<T> {
  const response = await fetch(`${server}/v1/models/${model}:predict`, {
    method: "POST",
    body: JSON.stringify({ inputs }),
  });
  const body = (await response.json()) as { outputs: T; error?: string };
  if (!response.ok) throw new Error(`${model}: ${response.status} ${body.error}`);
  return body.outputs;
}
