import type { Call, Signature, Tensors } from "../../../core/index.js";

/** Whether calls are bounded together: equal signature, names of inputs, and outputs. */
export function sameQueue(a: Call, b: Call): boolean {
  return a.signature === b.signature && sameOutputs(a.outputs, b.outputs) && sameNames(a.inputs, b.inputs);
}

/** Whether calls of a signature may differ, in one batch, in the size of this dimension of this input. */
export type MayDiffer = (signature: string, input: string, axis: number) => boolean;

export const nothingDiffers: MayDiffer = () => false;

/** What a signature fixes must not be padded: who sends another size there is refused alone. */
export const openDimensions =
  (signatures: Readonly<Record<string, Signature>>): MayDiffer =>
  (signature, input, axis) => {
    const shape = signatures[signature]?.inputs[input]?.shape;
    return !shape || (shape[axis] ?? -1) === -1;
  };

/** Whether calls of one queue can be in one batch. */
export function sameShapes({ signature, inputs: a }: Call, { inputs: b }: Call, mayDiffer: MayDiffer): boolean {
  for (const name in a) {
    const { dtype, shape } = a[name]!;
    const { dtype: otherDtype, shape: otherShape } = b[name]!;
    if (dtype !== otherDtype || shape.length !== otherShape.length) return false;
    for (let axis = 1; axis < shape.length; axis++) {
      if (shape[axis] !== otherShape[axis] && !mayDiffer(signature, name, axis)) return false;
    }
  }
  return true;
}

function sameNames(a: Tensors, b: Tensors): boolean {
  let count = 0;
  for (const name in a) {
    if (b[name] === undefined) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** In any order. No name is there twice. */
function sameOutputs(a: Call["outputs"], b: Call["outputs"]): boolean {
  if (a === b) return true;
  if (a?.length !== b?.length || !a || !b) return false;
  return a.every((name, i) => b[i] === name || b.includes(name));
}
