import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import { invalidArgument } from "../../../../core/index.js";
import type { Tf } from "../backend/library.js";
import type { Model } from "./model.js";
import { portNamed, portsOfModel } from "./ports.js";
import { fromTensor, toTensor } from "./tensors.js";
import type { Value } from "./values.js";

/** The library would take as many rows as the first input has. @throws INVALID_ARGUMENT when they do not agree */
function checkRows(inputs: ReadonlyMap<string, Value>): void {
  const rows = [...inputs].map(([name, { shape }]) => `${shape[0]} of "${name}"`);
  const counts = new Set([...inputs.values()].map(({ shape }) => shape[0]));
  if (counts.size > 1) throw invalidArgument(`the inputs have different numbers of rows: ${rows.join(", ")}`);
}

/** @throws what the library says of layers that it does not take */
export async function openLayersModel(tf: Tf, artifacts: object): Promise<Model> {
  const model: LayersModel = await tf.loadLayersModel({ load: async () => artifacts as never });
  // A sequential model has no names of its own.
  const known = (names: readonly string[] = [], symbols: LayersModel["inputs"]) =>
    symbols.map(({ dtype, shape, sourceLayer }, i) => ({ name: names[i] ?? sourceLayer.name, dtype, shape }));
  const ports = portsOfModel(known(model.inputNames, model.inputs), known(model.outputNames, model.outputs));

  return {
    ports,
    run: async (inputs, outputs) => {
      let given: Tensor[] = [];
      let made: Tensor[] = [];
      try {
        checkRows(inputs);
        given = ports.inputs.map(({ name }) => toTensor(tf, inputs.get(name)!));
        const answer = tf.tidy(() => model.predictOnBatch(given.length === 1 ? given[0]! : given));
        made = Array.isArray(answer) ? answer : [answer];
        const at = (name: string) => ports.outputs.indexOf(portNamed(ports.outputs, name));
        return new Map(
          await Promise.all(outputs.map(async (name) => [name, await fromTensor(made[at(name)]!)] as const)),
        );
      } finally {
        tf.dispose([given, made]);
      }
    },
    dispose: () => model.dispose(),
  };
}
