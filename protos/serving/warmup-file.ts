import { join } from "node:path";

/** Where TensorFlow Serving looks for a version's warm-up requests: a TFRecord file of PredictionLogs. */
export const warmupFile = (versionPath: string): string =>
  join(versionPath, "assets.extra", "tf_serving_warmup_requests");
