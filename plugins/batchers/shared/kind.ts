import type { Call, Tensors } from "../../../core/index.js";

/** Whether calls are bounded together: equal signature, names of inputs, and outputs. */
export function sameQueue(a: Call, b: Call): boolean {
  return a.signature === b.signature && sameOutputs(a.outputs, b.outputs) && sameNames(a.inputs, b.inputs);
}

/** Whether calls of one queue can be in one batch. With `pad` dimensions may differ in size, not in number. */
export function sameShapes(a: Tensors, b: Tensors, pad: boolean): boolean {
  for (const name in a) {
    const { dtype, shape } = a[name]!;
    const { dtype: otherDtype, shape: otherShape } = b[name]!;
    if (dtype !== otherDtype || shape.length !== otherShape.length) return false;
    if (pad) continue;
    for (let i = 1; i < shape.length; i++) if (shape[i] !== otherShape[i]) return false;
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
