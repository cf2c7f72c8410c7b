import type { Plugin } from "../core/index.js";
import sharedBatcher from "./batchers/shared/index.js";
import diskCache from "./caches/disk/index.js";
import availabilityPreserving from "./policies/availability-preserving/index.js";
import resourcePreserving from "./policies/resource-preserving/index.js";
import tfrecordLog from "./request-logs/tfrecord/index.js";
import embedding from "./servables/embedding/index.js";
import onnx from "./servables/onnx/index.js";
import pipeline from "./servables/pipeline/index.js";
import savedmodel from "./servables/savedmodel/index.js";
import tfjs from "./servables/tfjs/index.js";
import transform from "./servables/transform/index.js";
import vocabulary from "./servables/vocabulary/index.js";
import filesystem from "./sources/filesystem/index.js";
import http from "./sources/http/index.js";
import s3 from "./sources/s3/index.js";
import prometheus from "./telemetry/prometheus/index.js";
import grpc from "./transports/grpc/index.js";
import rest from "./transports/rest/index.js";
import syntheticWarmup from "./warmups/synthetic/index.js";
import tensorflowWarmup from "./warmups/tensorflow/index.js";

export { threads } from "./threads.js";

/** The default distribution. A plugin's index is light; what is heavy loads when a component is made. */
export const builtins: readonly Plugin[] = [
  savedmodel,
  onnx,
  embedding,
  transform,
  vocabulary,
  tfjs,
  pipeline,
  filesystem,
  s3,
  http,
  availabilityPreserving,
  resourcePreserving,
  sharedBatcher,
  tensorflowWarmup,
  syntheticWarmup,
  tfrecordLog,
  grpc,
  rest,
  prometheus,
  diskCache,
];
