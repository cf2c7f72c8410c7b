import { type FindModel, record, type Signature, type TensorSpec } from "../../../core/index.js";
import { type Binding, createBinding, type Place } from "./binding.js";
import { type Fallback, planFallbacks } from "./fallbacks.js";
import { inOrder, type Ref, refOf, requested, wantedOf } from "./graph.js";
import type { PipelineOptions } from "./options.js";
import { type Feeding, planFeeding } from "./plan-step.js";
import { either, meet } from "./specs.js";

export type PlannedStep = Feeding & {
  readonly name: string;
  readonly signature: string;
  /** The outputs that something needs. */
  readonly wanted: readonly string[];
  /** By output; none where the step is not optional. */
  readonly fallbacks: ReadonlyMap<string, Fallback>;
};

/** A pipeline over certain versions of its models. */
export type Plan = {
  readonly signature: Signature;
  readonly steps: ReadonlyMap<string, PlannedStep>;
};

/**
 * Checks a pipeline against versions of its models: names, types and shapes from end to end.
 * @param options must have passed `check`
 * @throws ServingError that begins with the option's place: UNAVAILABLE where a model cannot be reached,
 * FAILED_PRECONDITION for what does not fit
 */
export function planOf(options: PipelineOptions, find: FindModel, place: Place): Plan {
  const binding = createBinding(options, find, place);
  const wanted = wantedOf(options);
  const named = inOrder(options).flatMap((name) => (options.steps[name] ? [[name, options.steps[name]] as const] : []));
  const feedings = new Map(named.map(([name, step]) => [name, planFeeding(name, step, binding)]));
  const steps = new Map(
    named.map(([name, step]): [string, PlannedStep] => [
      name,
      {
        name,
        signature: step.signature,
        wanted: wanted.get(name) ?? [],
        fallbacks: planFallbacks(name, step, binding),
        ...(feedings.get(name) as Feeding),
      },
    ]),
  );
  const inputs = inputsOf(options, binding);
  const outputs = record(
    Object.entries(options.outputs).map(([name, from]) => [name, outputOf(name, refOf(from), inputs, steps, binding)]),
  );
  return { signature: { inputs, outputs }, steps };
}

/** What a request is to bring: what is declared, else what its uses have in common. */
function inputsOf(options: PipelineOptions, binding: Binding): Readonly<Record<string, TensorSpec>> {
  const specs = requested(options).map((name): [string, TensorSpec] => {
    const declared = options.inputs?.[name];
    const uses = binding.usesOf({ step: undefined, name });
    for (const use of declared ? uses : []) {
      if (declared) binding.agree({ spec: declared, who: `the pipeline's input "${name}"` }, use);
    }
    const spec = declared ?? uses[0]?.spec;
    if (!spec) {
      return binding.fail(["steps"], `nothing tells the type of request.${name}: give it in the pipeline's "inputs"`);
    }
    const shape = uses.reduce((shape, use) => meet(shape, use.spec.shape), spec.shape);
    const optional = !declared && uses.every((use) => use.spec.optional);
    return [name, { dtype: spec.dtype, shape, ...(optional && { optional }) }];
  });
  return record(specs);
}

function outputOf(
  output: string,
  ref: Ref,
  inputs: Readonly<Record<string, TensorSpec>>,
  steps: Plan["steps"],
  binding: Binding,
): TensorSpec {
  const at = ["outputs", output];
  const fallback = ref.step === undefined ? undefined : steps.get(ref.step)?.fallbacks.get(ref.name)?.spec;
  const spec = ref.step === undefined ? inputs[ref.name] : (binding.specOf(ref, at) ?? fallback);
  if (!spec) return binding.fail(at, "nothing tells its type");
  return { dtype: spec.dtype, shape: fallback ? either(spec.shape, fallback.shape) : spec.shape };
}
