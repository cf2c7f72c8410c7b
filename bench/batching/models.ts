import { type ModelConfig, quickstartModel } from "../harness/models.js";

const savedmodel = (engine: string) => ({ type: "savedmodel", engine });

/** Models of the quickstart on the engines that run them. */
export const models: Readonly<Record<string, ModelConfig>> = {
  "mnist, onnxruntime": { path: quickstartModel("mnist"), servable: savedmodel("onnxruntime") },
  "deepfm, onnxruntime": { path: quickstartModel("deepfm"), servable: savedmodel("onnxruntime") },
  "mnist, libtensorflow": { path: quickstartModel("mnist"), servable: savedmodel("libtensorflow") },
  "deepfm, libtensorflow": { path: quickstartModel("deepfm"), servable: savedmodel("libtensorflow") },
};
