import type { GraphModel, NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import { unimplemented } from "../../../../core/index.js";
import type { Tf } from "../backend/library.js";
import { type ModelFile, signatureOf } from "../files/model-file.js";
import type { Model } from "./model.js";
import { portNamed, portsOfModel, portsOfSignature } from "./ports.js";
import { fromTensor, toTensor } from "./tensors.js";

type Node = { readonly op: string; readonly name: string; readonly category?: string };
type Graph = {
  readonly nodes: Readonly<Record<string, Node>>;
  readonly functions?: Readonly<Record<string, { readonly graph: Graph }>>;
};

/** What of the library's model is not public, and has no other door. */
type Inside = { readonly executor: { readonly graph: Graph } };

/** Of these the library's plain execution cannot know what comes next. */
const DYNAMIC =
  /^(Switch|Merge|Enter|Exit|NextIteration|(Stateless)?(If|While)|NonMaxSuppressionV[2-5]|Where|TensorList.*|(HashTable|LookupTable).*)$/;

/** Those of functions, too. */
function* nodesOf({ nodes, functions = {} }: Graph): Generator<Node> {
  yield* Object.values(nodes);
  for (const { graph } of Object.values(functions)) yield* nodesOf(graph);
}

/** @throws UNIMPLEMENTED that names the operators which the library does not know */
function checkOperators(nodes: readonly Node[]): void {
  const unknown = new Set(nodes.filter(({ category }) => category === undefined).map(({ op }) => op));
  if (unknown.size > 0) {
    throw unimplemented(`model.json has operators that TensorFlow.js does not know: ${[...unknown].sort().join(", ")}`);
  }
}

/** @throws what the library says of a graph that it does not take */
export async function openGraphModel(tf: Tf, file: ModelFile, artifacts: object): Promise<Model> {
  const model: GraphModel = await tf.loadGraphModel({ load: async () => artifacts as never });
  const nodes = [...nodesOf((model as unknown as Inside).executor.graph)];
  checkOperators(nodes);
  const dynamic = nodes.some(({ op }) => DYNAMIC.test(op));
  const signature = signatureOf(file);
  const ports = signature ? portsOfSignature(signature) : portsOfModel(model.inputs, model.outputs);
  const bare = (tensor: string) => tensor.replace(/:0$/, "");

  return {
    ports,
    run: async (inputs, outputs) => {
      const feeds: NamedTensorMap = {};
      let made: Tensor[] = [];
      try {
        for (const { name, tensor } of ports.inputs) feeds[bare(tensor)] = toTensor(tf, inputs.get(name)!);
        const wanted = outputs.map((name) => portNamed(ports.outputs, name).tensor);
        const given = dynamic
          ? await model.executeAsync(feeds, wanted)
          : tf.tidy(() => model.execute(feeds, wanted) as Tensor | Tensor[]);
        made = Array.isArray(given) ? given : [given];
        return new Map(await Promise.all(outputs.map(async (name, i) => [name, await fromTensor(made[i]!)] as const)));
      } finally {
        tf.dispose([feeds, made]);
      }
    },
    dispose: () => model.dispose(),
  };
}
