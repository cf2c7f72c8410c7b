import {
  type BatchRecord,
  type Frontend,
  type ModelSpec,
  notFound,
  type Readiness,
  type Signature,
  type Tensors,
  tensor,
} from "salver";
import type { Runner } from "../../../../core/serving/runner.js";
import { exampleMethods } from "../../../support/example-methods.js";
import { signature } from "./signatures.js";

export type Run = (signatureName: string, inputs: Tensors, signal: AbortSignal) => Promise<Tensors> | Tensors;

export interface FakeFrontend extends Frontend {
  /** Leases that were taken and not disposed. */
  held(): number;
  readonly asked: ModelSpec[];
}

/** `y = x / 2 + 2` */
const halfPlusTwo: Run = (_, { x }) => {
  if (x?.dtype !== "float32") throw new Error("not asked for");
  return {
    y: tensor(
      "float32",
      x.shape,
      x.data.map((value) => value / 2 + 2),
    ),
  };
};

/** A batch of the model. */
const recent: readonly BatchRecord[] = [
  {
    version: 3n,
    signature: "serving_default",
    priority: "normal",
    closed: "timeout",
    requests: 2,
    rows: 3,
    size: 4,
    limit: 64,
    wait: { median: 1.23456, max: 2 },
    run: 0.5,
    code: "OK",
    age: 1000.7,
  },
];

const defaults = { serving_default: signature({ x: "float32" }, { y: "float32" }) };

/** One model, `m`, version 3. */
export function fakeFrontend(
  run: Run = halfPlusTwo,
  signatures: Readonly<Record<string, Signature>> = defaults,
  readiness: () => Readiness = () => ({ ready: true, reasons: [] }),
): FakeFrontend {
  let held = 0;
  const asked: ModelSpec[] = [];
  return {
    held: () => held,
    asked,
    lease: (spec) => {
      asked.push(spec);
      if (spec.name !== "m") throw notFound(`Servable not found for request: Latest(${spec.name})`);
      held++;
      let open = true;
      const runner: Runner = {
        signatures,
        predict: async (name, inputs, { signal }) => run(name, inputs, signal),
      };
      return {
        model: "m",
        version: 3n,
        ...runner,
        ...exampleMethods(runner),
        [Symbol.dispose]: () => {
          if (open) held--;
          open = false;
        },
      };
    },
    status: (spec) => {
      asked.push(spec);
      if (spec.name !== "m") throw notFound(`Could not find any versions of model ${spec.name}`);
      return [
        { version: 3n, state: "AVAILABLE", code: "OK", message: "" },
        { version: 1n, state: "END", code: "DATA_LOSS", message: "truncated" },
      ];
    },
    batches: (spec) => {
      asked.push(spec);
      if (spec.name !== "m") throw notFound(`Could not find any versions of model ${spec.name}`);
      return recent;
    },
    refusals: () => ({ UNAVAILABLE: 3 }),
    reload: async () => {},
    models: () => ["m"],
    readiness,
  };
}
