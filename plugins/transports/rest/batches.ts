import type { BatchRecord, Frontend, ModelSpec } from "../../../core/index.js";

const micros = (milliseconds: number) => Math.round(milliseconds * 1000) / 1000;

const batchJson = ({ version, signature, latencyTarget, wait, run, age, ...rest }: BatchRecord) => ({
  version: String(version),
  signature_name: signature,
  ...rest,
  ...(latencyTarget !== undefined && { latency_target_ms: latencyTarget }),
  wait_median_ms: micros(wait.median),
  wait_max_ms: micros(wait.max),
  run_ms: micros(run),
  age_ms: Math.round(age),
});

export type BatchesReply = Awaited<ReturnType<typeof batches>>;

/**
 * The batches of a model that ran last, the newest first.
 * @throws NOT_FOUND, or FAILED_PRECONDITION for a model that is not batched
 */
export async function batches(frontend: Frontend, spec: ModelSpec) {
  const records = await frontend.batches(spec);
  return { model_name: spec.name, batches: records.map(batchJson), refused: await frontend.refusals(spec) };
}
