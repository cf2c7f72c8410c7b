import { type Feature, type Signature, type TensorSpec, type Tensors, tensor } from "salver";
import { CLASSIFY_METHOD, REGRESS_METHOD } from "../../core/inference.js";
import { decodeExample } from "../../protos/example/decode.js";
import type { ExampleModel } from "./example-serving.js";

const spec = (dtype: TensorSpec["dtype"], ...shape: number[]): TensorSpec => ({ dtype, shape });
const serialized = { inputs: spec("string", -1) };

const signatures: Readonly<Record<string, Signature>> = {
  serving_default: { inputs: serialized, outputs: { outputs: spec("float32", -1, 1) }, method: REGRESS_METHOD },
  classify: {
    inputs: serialized,
    outputs: { classes: spec("string", -1, -1), scores: spec("float32", -1, -1) },
    method: CLASSIFY_METHOD,
  },
  plain: { inputs: { x: spec("float32", -1), tag: spec("string", -1) }, outputs: { y: spec("float32", -1) } },
  predict: { inputs: { x: spec("float32", -1) }, outputs: { y: spec("float32", -1), n: spec("int64", -1) } },
};

const first = (feature: Feature | undefined) => {
  if (feature?.kind !== "float") throw new Error("an example without a float x");
  return feature.values[0] ?? 0;
};

/** A label that is no text, which must arrive as it is. */
export const odd = Buffer.from([0xff, 0x00, 0x80]);

/**
 * y = x / 2 + 2 of examples' feature `x`: `serving_default` and `classify` parse examples themselves, the second with the
 * feature `tag` as label of y and `odd` as that of -y; `plain` and `predict` take plain tensors.
 */
export const halvingModel: ExampleModel = {
  signatures,
  run: ({ signature, inputs }): Tensors => {
    if (inputs.x?.dtype === "float32") {
      const y = tensor(
        "float32",
        inputs.x.shape,
        inputs.x.data.map((x) => x / 2 + 2),
      );
      return { y, n: tensor("int64", [1], BigInt64Array.of(1n)) };
    }
    const examples =
      inputs.inputs?.dtype === "string" ? inputs.inputs.data.map((bytes) => decodeExample(bytes).features()) : [];
    const values = examples.map(({ x }) => first(x) / 2 + 2);
    if (signature !== "classify") {
      return { outputs: tensor("float32", [values.length, 1], Float32Array.from(values)) };
    }
    const tags = examples.map(({ tag }) => (tag?.kind === "bytes" && tag.values[0]) || new Uint8Array());
    return {
      classes: tensor(
        "string",
        [values.length, 2],
        tags.flatMap((tag) => [tag, odd]),
      ),
      scores: tensor("float32", [values.length, 2], Float32Array.from(values.flatMap((value) => [value, -value]))),
    };
  },
};
