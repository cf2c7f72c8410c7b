import {
  type Call,
  DEFAULT_SIGNATURE,
  type FindModel,
  failedPrecondition,
  type Host,
  type Lease,
  type Loader,
  type ModelSpec,
  type Models,
  ModelsToken,
  type Reachable,
  type Servable,
  type ServingError,
  type Signature,
  toServingError,
  unavailable,
} from "../../../core/index.js";
import { checkContract } from "./contract.js";
import type { PipelineOptions } from "./options.js";
import { type Plan, planOf } from "./plan.js";
import { runPlan } from "./run.js";

const keyOf = ({ name, version, label }: ModelSpec) => JSON.stringify([name, String(version ?? ""), label ?? ""]);

/** The versions that the steps call: each once, and which of them is a step's. */
function callsOf({ steps }: PipelineOptions) {
  const specs = new Map<string, ModelSpec>();
  const ofStep = new Map<string, number>();
  for (const [step, { model, version, label }] of Object.entries(steps)) {
    const spec = { name: model, ...(version !== undefined && { version }), ...(label !== undefined && { label }) };
    const key = keyOf(spec);
    specs.set(key, spec);
    ofStep.set(step, [...specs.keys()].indexOf(key));
  }
  return { specs: [...specs.values()], keys: [...specs.keys()], ofStep };
}

/** A pipeline has nothing to load: it is ready at once, and can be reached as soon as its models can. */
export function pipelineLoader(host: Host, options: PipelineOptions): Loader {
  return {
    estimate: async () => ({ memory: 0 }),
    load: async () => pipeline(host, options),
  };
}

type Bound = { readonly plan: Plan; readonly models: readonly (Reachable | undefined)[] };

function pipeline(host: Host, options: PipelineOptions): Servable {
  const { specs, keys, ofStep } = callsOf(options);
  /** One object for good: by it those who call the pipeline know that it is the same. */
  let signatures: Readonly<Record<string, Signature>> = {};
  let bound: Bound | undefined;

  /** @throws ServingError where these versions do not fit */
  function planFor(find: FindModel): Plan {
    const plan = planOf(options, find, host.place);
    const known = signatures[DEFAULT_SIGNATURE];
    if (known) checkContract(known, plan.signature, host.place);
    return plan;
  }

  /** The plan for these versions: nearly always the one at hand. */
  function planOver(leases: readonly (Lease | undefined)[]): Plan {
    const same = (known: Reachable | undefined, i: number) => known?.signatures === leases[i]?.signatures;
    if (bound?.models.every(same)) return bound.plan;
    return planFor((spec) => leases[keys.indexOf(keyOf(spec))]);
  }

  const runOver = (models: Models) => async (call: Call) => {
    if (call.signature !== DEFAULT_SIGNATURE) {
      throw failedPrecondition(`a pipeline has one signature, ${DEFAULT_SIGNATURE}; asked for "${call.signature}"`);
    }
    if (!bound) throw unavailable("the pipeline's models cannot be reached yet");
    const leases = models.lease(specs);
    try {
      const plan = planOver(leases);
      const leaseOf = (step: string) => leases[ofStep.get(step) ?? -1];
      return await runPlan({ plan, outputs: options.outputs, leaseOf, log: host.log }, call);
    } finally {
      for (const lease of leases) lease?.[Symbol.dispose]();
    }
  };

  return {
    get signatures() {
      return signatures;
    },
    engine: `${Object.keys(options.steps).length} steps`,
    links: {
      specs,
      misfit: (find): ServingError | undefined => {
        try {
          planFor(find);
          return undefined;
        } catch (error) {
          return toServingError(error);
        }
      },
      bind: (find) => {
        const reached = specs.map(find);
        if (bound?.models.every((known, i) => known?.signatures === reached[i]?.signatures)) return;
        bound = { plan: planFor(find), models: reached };
        if (!signatures[DEFAULT_SIGNATURE]) signatures = { [DEFAULT_SIGNATURE]: bound.plan.signature };
      },
      within: (models) => ({ signatures, run: runOver(models) }),
    },
    run: runOver(host.get(ModelsToken)),
    [Symbol.asyncDispose]: async () => {},
  };
}
