import { elementCount, type Tensors } from "../../../../core/index.js";

import { alike } from "./names.js";

type Shapes = readonly (readonly number[])[];

/** The shapes of the run before, of which the next one's are mostly those. */
export interface LastShapes {
  /** Of the outputs, when the inputs have the shapes that they had; absent where they may not be relied on. */
  outputsFor(inputs: Tensors, outputs: readonly string[]): Shapes | undefined;
  /** Remembers those of a run. */
  note(inputs: Tensors, outputs: readonly string[], results: Tensors): void;
  /** They depend on more than the shapes of the inputs: from now on nothing is remembered. */
  distrust(): void;
}

/** Larger outputs are better made where the runtime makes them: to be laid out beforehand they would be zeroed first. */
const MOST_ELEMENTS = 4096;

const shapesOf = (tensors: Tensors, names: readonly string[]): Shapes => names.map((name) => tensors[name]!.shape);

export function createLastShapes(): LastShapes {
  let last: { names: readonly string[]; shapes: Shapes; outputs: readonly string[]; found: Shapes } | undefined;
  let trusted = true;

  return {
    outputsFor: (inputs, outputs) => {
      if (!last || !alike(last.outputs, outputs)) return undefined;
      const { names, shapes, found } = last;
      let at = 0;
      for (const name in inputs) {
        const shape = shapes[at];
        if (name !== names[at] || shape === undefined || !alike(shape, inputs[name]!.shape)) return undefined;
        at++;
      }
      return at === names.length ? found : undefined;
    },
    note: (inputs, outputs, results) => {
      if (!trusted) return;
      const found = shapesOf(results, outputs);
      const fits = outputs.every((name, i) => {
        const count = elementCount(found[i]!);
        return results[name]!.dtype !== "string" && count > 0 && count <= MOST_ELEMENTS;
      });
      const names = Object.keys(inputs);
      last = fits ? { names, shapes: shapesOf(inputs, names), outputs, found } : undefined;
    },
    distrust: () => {
      trusted = false;
      last = undefined;
    },
  };
}
