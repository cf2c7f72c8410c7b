import { z } from "zod";

const dims = z.array(z.looseObject({ size: z.union([z.string(), z.number()]).default("0") })).default([]);

/** TensorFlow's TensorInfo in JSON. */
const tensorInfo = z.looseObject({
  name: z.string(),
  dtype: z.string(),
  tensorShape: z.looseObject({ dim: dims, unknownRank: z.boolean().default(false) }).optional(),
});
const signature = z.looseObject({
  inputs: z.record(z.string(), tensorInfo).default({}),
  outputs: z.record(z.string(), tensorInfo).default({}),
});

const weight = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: z.string(),
  quantization: z.looseObject({ dtype: z.string() }).optional(),
});
const group = z.looseObject({ paths: z.array(z.string().min(1)), weights: z.array(weight) });

const schema = z.looseObject({
  format: z.enum(["graph-model", "layers-model"]).optional(),
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(group),
  signature: signature.optional(),
  userDefinedMetadata: z.looseObject({ signature: signature.optional() }).optional(),
});

export type ModelFile = z.infer<typeof schema>;
export type WeightGroup = ModelFile["weightsManifest"][number];
export type WeightSpec = WeightGroup["weights"][number];
export type SignatureFile = z.infer<typeof signature>;
export type TensorInfo = z.infer<typeof tensorInfo>;

/** @throws Error that says what is wrong and where in the file */
export function parseModelFile(text: string): ModelFile {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".") || "the file"}: ${issue?.message}`);
}

/** Early files do not say; only graphs have nodes. */
export const isGraph = ({ format, modelTopology }: ModelFile): boolean =>
  format === undefined ? "node" in modelTopology : format === "graph-model";

/** Converters have put it in either place. */
export const signatureOf = ({ signature: own, userDefinedMetadata }: ModelFile): SignatureFile | undefined =>
  userDefinedMetadata?.signature ?? own;
