import type { FunctionDef } from "../../../../protos/gen/tensorflow/core/framework/function_pb.js";
import type { GraphDef } from "../../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import type { NodeDef } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";

/** Operators that call back into the Python process that made the model, of which nothing is saved. */
const PYTHON = new Set(["PyFunc", "PyFuncStateless", "EagerPyFunc"]);

function functionsOf({ op, attr }: NodeDef): readonly string[] {
  const named = Object.values(attr).flatMap(({ value }) => {
    if (value?.case === "func") return [value.value.name];
    return value?.case === "list" ? value.value.func.map(({ name }) => name) : [];
  });
  return [op, ...named];
}

/**
 * The first operator that needs Python among these nodes of the main graph and all that the functions behind them hold;
 * for messages: `EagerPyFunc at "call" in the function "serve"`.
 */
export function pythonOp(graph: GraphDef | undefined, nodes: readonly string[]): string | undefined {
  const functions = new Map((graph?.library?.function ?? []).map((fn) => [fn.signature?.name ?? "", fn]));
  const entered = new Set<FunctionDef>();
  const wanted = new Set(nodes);
  const open: { readonly nodes: readonly NodeDef[]; readonly where: string }[] = [
    { nodes: (graph?.node ?? []).filter(({ name }) => wanted.has(name)), where: "" },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const node of next.nodes) {
      if (PYTHON.has(node.op)) return `${node.op} at "${node.name}"${next.where}`;
      for (const name of functionsOf(node)) {
        const fn = functions.get(name);
        if (!fn || entered.has(fn)) continue;
        entered.add(fn);
        open.push({ nodes: fn.nodeDef, where: ` in the function "${name}"` });
      }
    }
  }
  return undefined;
}
