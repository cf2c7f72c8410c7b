import type { Ports } from "./ports.js";
import type { Value } from "./values.js";

/** A model of TensorFlow.js, open in this thread. */
export interface Model {
  readonly ports: Ports;
  /** Values by input, and the outputs wanted. Whatever happens, it leaves no tensor behind. @throws Error in the library's words */
  run(inputs: ReadonlyMap<string, Value>, outputs: readonly string[]): Promise<ReadonlyMap<string, Value>>;
  dispose(): void;
}
