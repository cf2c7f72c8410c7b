import { invalidArgument, type ServingError } from "../errors.js";
import { PREDICT_METHOD, type Signature, type TensorSpec } from "../signature.js";
import { checkMethod } from "./check-method.js";
import { parsesExamples } from "./examples.js";
import { typeName } from "./type-names.js";

/*
 * Which outputs of a signature answer Classify and Regress.
 *
 * By TensorFlow Serving's rules the signature has one input, `inputs`, of serialized examples, and outputs of fixed
 * names: `classes` and `scores`, or `outputs`. Signatures for Predict whose inputs are plain tensors are served beyond
 * them, where their outputs leave no doubt:
 *
 * - Classify: `classes` (string) and `scores` (float) among any others; else the only float output of rank 2 is the
 *   scores, and labels stay empty.
 * - Regress: `outputs` among any others; else the only float output of shape [batch] or [batch, 1].
 *
 * All that is left is refused in TensorFlow Serving's words. `strict` means that the signature's method must be that of
 * the request, which rules plain signatures out.
 */

export type ClassifyOutputs = { readonly classes?: string; readonly scores?: string };

const CLASSES = "classes";
const SCORES = "scores";
const OUTPUTS = "outputs";

const has = (specs: Readonly<Record<string, TensorSpec>>, name: string) => Object.hasOwn(specs, name);
const methodOf = ({ method = PREDICT_METHOD }: Signature) => method;

function describe(signature: Signature): string {
  const side = (specs: Readonly<Record<string, TensorSpec>>) =>
    Object.entries(specs)
      .map(([name, { dtype, shape }]) => `${name}: ${typeName(dtype)} ${shape === null ? "?" : `[${shape}]`}`)
      .join(", ");
  return `inputs { ${side(signature.inputs)} } outputs { ${side(signature.outputs)} } method_name: "${methodOf(signature)}"`;
}

/** What keeps the signature from being one of examples, in the order of TensorFlow Serving's checks. */
function refusal(signature: Signature, kind: "classification" | "regression"): ServingError | undefined {
  const { inputs, outputs } = signature;
  const classify = kind === "classification";
  const count = Object.keys(outputs).length;
  if (Object.keys(inputs).length !== 1) return invalidArgument("Expected one input Tensor.");
  if (classify && count !== 1 && count !== 2) {
    return invalidArgument(`Expected one or two output Tensors, found ${count}`);
  }
  if (!classify && count !== 1) return invalidArgument("Expected one output Tensor.");
  if (!has(inputs, "inputs")) return invalidArgument(`No ${kind} inputs found in SignatureDef: ${describe(signature)}`);
  if (classify && !has(outputs, CLASSES) && !has(outputs, SCORES)) {
    return invalidArgument(
      `Expected classification signature outputs to contain at least one of "classes" or "scores". Signature was: ` +
        describe(signature),
    );
  }
  if (!classify && !has(outputs, OUTPUTS)) {
    return invalidArgument(`No regression outputs found in SignatureDef: ${describe(signature)}`);
  }
  return undefined;
}

/** Whether the rules above for plain signatures apply. */
const isPlain = (signature: Signature) => methodOf(signature) === PREDICT_METHOD && !parsesExamples(signature);

function onlyFloat({ outputs }: Signature, fits: (shape: readonly number[]) => boolean): string | undefined {
  const able = Object.entries(outputs).filter(
    ([, { dtype, shape }]) => dtype === "float32" && shape !== null && fits(shape),
  );
  return able.length === 1 ? able[0]?.[0] : undefined;
}

/** @throws ServingError INVALID_ARGUMENT where the signature cannot classify */
export function classifyOutputs(signature: Signature, strict = false): ClassifyOutputs {
  if (strict) checkMethod(signature, "classification");
  const refused = refusal(signature, "classification");
  const { outputs } = signature;
  if (refused && !isPlain(signature)) throw refused;
  const named = {
    ...(has(outputs, CLASSES) && { classes: CLASSES }),
    ...(has(outputs, SCORES) && { scores: SCORES }),
  };
  if (!refused || Object.keys(named).length > 0) return named;
  const scores = onlyFloat(signature, (shape) => shape.length === 2);
  if (scores === undefined) throw refused;
  return { scores };
}

const isColumn = ({ length, 1: width }: readonly number[]) =>
  length === 1 || (length === 2 && (width === 1 || width === -1));

/** The output with the values. @throws ServingError INVALID_ARGUMENT where the signature cannot regress */
export function regressOutput(signature: Signature, strict = false): string {
  if (strict) checkMethod(signature, "regression");
  const refused = refusal(signature, "regression");
  if (refused && !isPlain(signature)) throw refused;
  if (!refused || has(signature.outputs, OUTPUTS)) return OUTPUTS;
  const values = onlyFloat(signature, isColumn);
  if (values === undefined) throw refused;
  return values;
}
