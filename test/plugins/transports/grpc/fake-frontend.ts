import {
  type Frontend,
  type Lease,
  type ModelSpec,
  notFound,
  type RunOptions,
  type Signature,
  type Tensors,
  type VersionStatus,
} from "../../../../core/index.js";
import type { Runner } from "../../../../core/serving/runner.js";
import { exampleMethods } from "../../../support/example-methods.js";

export type Predict = (signature: string, inputs: Tensors, options: RunOptions) => Promise<Tensors>;

/** A frontend with one model, `m`, in version 7, whose answers and failures a test sets. */
export type FakeFrontend = Frontend & {
  predict: Predict;
  signatures: Readonly<Record<string, Signature>>;
  statuses: readonly VersionStatus[];
  ready: boolean;
  readonly specs: ModelSpec[];
  /** Leases taken and not yet given back. */
  open: number;
};

export function fakeFrontend(): FakeFrontend {
  const fake: FakeFrontend = {
    predict: async (_signature, inputs) => inputs,
    signatures: {},
    statuses: [],
    ready: true,
    specs: [],
    open: 0,
    lease: (spec): Lease => {
      fake.specs.push(spec);
      if (spec.name !== "m") throw notFound(`Servable not found for request: Latest(${spec.name})`);
      fake.open++;
      let held = true;
      const runner: Runner = {
        signatures: fake.signatures,
        predict: (signature, inputs, options) => fake.predict(signature, inputs, options),
      };
      return {
        model: spec.name,
        version: 7n,
        ...runner,
        ...exampleMethods(runner),
        [Symbol.dispose]: () => {
          if (held) fake.open--;
          held = false;
        },
      };
    },
    status: (spec) => {
      fake.specs.push(spec);
      if (spec.name !== "m") throw notFound(`Could not find any versions of model ${spec.name}`);
      return fake.statuses;
    },
    batches: () => [],
    refusals: () => ({}),
    reload: async () => {},
    models: () => ["m"],
    readiness: () => ({ ready: fake.ready, reasons: fake.ready ? [] : ["m is loading"] }),
  };
  return fake;
}
