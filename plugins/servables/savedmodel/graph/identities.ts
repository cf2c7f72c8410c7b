import type { Scope } from "./graph.js";
import type { Output } from "./node.js";

const MOST_HOPS = 10_000;

/** The tensor that identities only pass on. A damaged graph may lead in a circle. */
export function behindIdentities(scope: Pick<Scope, "inputs">, output: Output): Output {
  let at = output;
  for (let hops = 0; at.node.op === "Identity" && hops < MOST_HOPS; hops++) {
    const [next] = scope.inputs(at.node);
    if (!next) break;
    at = next;
  }
  return at;
}
