import { z } from "zod";
import { ortOptions } from "../../runtimes/onnxruntime/index.js";

export const options = z.strictObject({ ...ortOptions });

export type OnnxOptions = z.infer<typeof options>;
