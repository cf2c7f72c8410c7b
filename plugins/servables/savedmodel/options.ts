import { z } from "zod";
import { libtensorflowOptions } from "../../runtimes/libtensorflow/options.js";
import { ortOptions } from "../../runtimes/onnxruntime/options.js";

const { tags: _, ...tensorflowOptions } = libtensorflowOptions;

export const options = z.strictObject({
  engine: z
    .enum(["auto", "onnxruntime", "libtensorflow"])
    .default("auto")
    .describe("onnxruntime (the graph lowered to ONNX), libtensorflow (every operator), or auto: the first that can."),
  tags: z.array(z.string().min(1)).min(1).default(["serve"]).describe("Tags of the graph to serve out of the file."),
  signatures: z.array(z.string().min(1)).min(1).optional().describe("Signatures to serve; default: all the model has."),
  savedModelConfig: z
    .boolean()
    .default(false)
    .describe("Whether a version's assets.extra/saved_model_config.pb is read: one that is broken fails the load."),
  onnxruntime: z.strictObject(ortOptions).prefault({}).describe("Options for the engine onnxruntime."),
  libtensorflow: z.strictObject(tensorflowOptions).prefault({}).describe("Options for the engine libtensorflow."),
});

export type SavedModelOptions = z.infer<typeof options>;
