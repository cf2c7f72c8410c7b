import type { Output } from "../../../graph/node.js";
import type { Layer } from "./layer.js";
import { capture, shared } from "./match.js";

/** A step of an LSTM: gates in the order input, forget, candidate, output. */
export type LstmStep = {
  readonly kernel: Output;
  readonly recurrent: Output;
  readonly bias: Output | undefined;
  /** Parts of the loop's state. */
  readonly hidden: number;
  readonly cell: number;
};

/**
 * Recognises the step
 *   c' = sigmoid(f) * c + sigmoid(i) * tanh(g),  h' = sigmoid(o) * tanh(c'),  [i f g o] = x W + h U + b
 * which gives out h'; any other step is undefined.
 */
export function lstmStep({ body, match: m, input, states, target }: Layer): LstmStep | undefined {
  if (states.length !== 2) return undefined;
  for (const [hidden, cell] of [states, states.toReversed()] as [number, number][]) {
    const [kernel, recurrent, bias] = [capture(), capture(), capture()];
    const product = m.either(
      "AddV2",
      m.product(m.is(input), kernel),
      m.product(m.is(body.parameters[hidden]!), recurrent),
    );
    const biased = m.by("BiasAdd", product, bias);
    const added = m.either("AddV2", product, bias);
    const gates = shared();
    const gate = (i: number) => m.by("Sigmoid", m.part(4, i, gates));
    const next = m.either(
      "AddV2",
      m.either("Mul", gate(1), m.is(body.parameters[cell]!)),
      m.either("Mul", gate(0), m.by("Tanh", m.part(4, 2, gates))),
    );
    const [h, c] = [body.results[hidden]!, body.results[cell]!];
    const gives = m.either("Mul", gate(3), m.by("Tanh", m.is(c)));
    if (!m.is(h)(target.item) || !gives(h) || !next(c)) continue;
    if (product(gates.found()))
      return { kernel: kernel.found(), recurrent: recurrent.found(), bias: undefined, hidden, cell };
    if (biased(gates.found()) || added(gates.found())) {
      return { kernel: kernel.found(), recurrent: recurrent.found(), bias: bias.found(), hidden, cell };
    }
  }
  return undefined;
}
