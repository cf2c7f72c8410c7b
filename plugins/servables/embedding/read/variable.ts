import { join } from "node:path";
import { elementCount, failedPrecondition, layouts } from "../../../../core/index.js";
import { type Bundle, openBundle } from "../../../../formats/tensor-bundle/bundle.js";
import { chooseTensor, type Elements } from "./elements.js";

/** What TensorFlow 2 adds to the path of a variable in the object graph. */
const SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE";

/** Not a variable: the object graph itself. */
const GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

const isTable = (bundle: Bundle, key: string): boolean => {
  const { dtype, shape } = bundle.describe(key);
  return dtype !== "string" && shape.length === 2;
};

/** A variable of the SavedModel in `folder`, by its key in the checkpoint, or by that key without TensorFlow 2's suffix. */
export function variableElements(folder: string, variable: string | undefined): Elements {
  const bundle = openBundle(join(folder, "variables", "variables"));
  try {
    const short = (key: string) => (key.endsWith(SUFFIX) ? key.slice(0, -SUFFIX.length) : key);
    const keys = new Map([...bundle.keys].filter((key) => key !== GRAPH_KEY).map((key) => [short(key), key] as const));
    const wanted = variable === undefined ? undefined : short(variable);
    const names = [...keys].filter(([, key]) => wanted !== undefined || isTable(bundle, key)).map(([name]) => name);
    const chosen = chooseTensor(names, wanted, "the SavedModel");
    const key = keys.get(chosen)!;
    const { dtype, shape } = bundle.describe(key);
    const what = `variable "${chosen}"`;
    if (dtype === "string") throw failedPrecondition(`${what} holds strings, not numbers`);
    const read: Elements["read"] = (take) => {
      const open = openBundle(join(folder, "variables", "variables"));
      try {
        const bytes = new Uint8Array(elementCount(shape) * layouts[dtype].bytes);
        open.fill(key, bytes);
        take(bytes);
      } finally {
        open.close();
      }
    };
    return { what, dtype, shape, fortran: false, read };
  } finally {
    bundle.close();
  }
}
