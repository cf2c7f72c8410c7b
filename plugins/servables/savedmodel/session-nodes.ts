import { invalidArgument, type SessionRun, type Signature } from "../../../core/index.js";
import type { GraphDef } from "../../../protos/gen/tensorflow/core/framework/graph_pb.js";

/** The node that a tensor's name or an input of a node means: `x`, `x:1`, `^x`. */
const nodeOf = (name: string) => name.replace(/^\^/, "").replace(/:\d+$/, "");

/**
 * Names of the nodes that run for some signature. Others save and restore variables, write files of the caller's choice
 * or start the model anew: nothing for strangers.
 */
export function servedNodes(graph: GraphDef | undefined, signatures: Readonly<Record<string, Signature>>): string[] {
  const inputs = new Map(graph?.node.map(({ name, input }) => [name, input]));
  const tensors = Object.values(signatures).flatMap((signature) => [
    ...Object.entries(signature.inputs),
    ...Object.entries(signature.outputs),
  ]);
  const open = tensors.map(([key, { name }]) => nodeOf(name ?? key));
  const reached = new Set<string>();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    for (const input of inputs.get(node) ?? []) open.push(nodeOf(input));
  }
  return [...reached];
}

/** @throws ServingError INVALID_ARGUMENT for a name outside of `served` */
export function checkSessionRun({ feeds, fetches, targets }: SessionRun, served: ReadonlySet<string>): void {
  for (const name of [...Object.keys(feeds), ...fetches, ...targets]) {
    if (served.has(nodeOf(name))) continue;
    throw invalidArgument(
      `"${name}" takes no part in what the model's signatures compute, and SessionRun reaches only what does`,
    );
  }
}
