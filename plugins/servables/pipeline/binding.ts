import {
  type ConfigPath,
  type ErrorCode,
  type FindModel,
  hint,
  messageOf,
  type Reachable,
  ServingError,
  type Signature,
  type TensorSpec,
} from "../../../core/index.js";
import type { Ref } from "./graph.js";
import type { PipelineOptions, StepOptions } from "./options.js";
import { canMeet, formatSpec } from "./specs.js";

/** Says where an option stands in the config. */
export type Place = (option: ConfigPath) => string;

/** A use of a tensor: what it is to be, who says so, and by which option. */
export type Use = { readonly spec: TensorSpec; readonly who: string; readonly at: ConfigPath };

/** The versions that the steps of a pipeline call, and the tensors between them. */
export interface Binding {
  /** The signature that a step calls; nothing where the step is optional and its model cannot be reached. */
  signatureOf(step: string): Signature | undefined;
  /** The version that a step calls, for people: `ctr 3`. */
  callee(step: string): string;
  /** What a step's output is; nothing where nobody knows, for a request's tensors and steps that cannot be reached. */
  specOf(ref: Ref, at: ConfigPath): TensorSpec | undefined;
  /** One more use of a tensor, which must agree with what it is and with its other uses. */
  use(ref: Ref, use: Use): void;
  usesOf(ref: Ref): readonly Use[];
  /** Both must be able to hold of one tensor. */
  agree(source: Pick<Use, "spec" | "who">, use: Use): void;
  fail(at: ConfigPath, message: string, code?: ErrorCode): never;
  /** What `make` makes; what it throws is the option's fault. */
  made<T>(at: ConfigPath, make: () => T): T;
}

const keyOf = ({ step, name }: Ref) => JSON.stringify([step ?? null, name]);

/** @param options must have passed `check` */
export function createBinding({ steps }: PipelineOptions, find: FindModel, place: Place): Binding {
  const reached = new Map<string, Reachable | undefined>();
  const uses = new Map<string, readonly Use[]>();

  const fail: Binding["fail"] = (at, message, code = "FAILED_PRECONDITION") => {
    throw new ServingError(code, `${place(at)}: ${message}`);
  };

  function reach(name: string, { model, version, label, default: fallback }: StepOptions): Reachable | undefined {
    if (reached.has(name)) return reached.get(name);
    const found = find({
      name: model,
      ...(version !== undefined && { version }),
      ...(label !== undefined && { label }),
    });
    if (!found && !fallback) {
      const which = version !== undefined ? `version ${version} of ` : label !== undefined ? `label ${label} of ` : "";
      return fail(["steps", name, "model"], `${which}the model ${model} cannot be reached`, "UNAVAILABLE");
    }
    reached.set(name, found);
    return found;
  }

  const callee = (step: string) => `${steps[step]?.model} ${reached.get(step)?.version ?? "(not reached)"}`;

  const binding: Binding = {
    callee,
    fail,
    signatureOf: (name) => {
      const step = steps[name];
      const signatures = step && reach(name, step)?.signatures;
      if (!step || !signatures) return undefined;
      if (Object.hasOwn(signatures, step.signature)) return signatures[step.signature];
      const known = hint(step.signature, Object.keys(signatures));
      return fail(["steps", name], `${callee(name)} has no signature "${step.signature}"${known}`);
    },
    specOf: ({ step, name }, at) => {
      const outputs = step === undefined ? undefined : binding.signatureOf(step)?.outputs;
      if (step === undefined || !outputs || Object.hasOwn(outputs, name)) return outputs?.[name];
      return fail(at, `${callee(step)} has no output "${name}"${hint(name, Object.keys(outputs))}`);
    },
    use: (ref, use) => {
      const spec = binding.specOf(ref, use.at);
      if (spec) binding.agree({ spec, who: "it" }, use);
      for (const other of binding.usesOf(ref)) binding.agree(other, use);
      uses.set(keyOf(ref), [...binding.usesOf(ref), use]);
    },
    usesOf: (ref) => uses.get(keyOf(ref)) ?? [],
    agree: (source, { spec, who, at }) => {
      if (source.spec.dtype === spec.dtype && canMeet(source.spec.shape, spec.shape)) return;
      fail(at, `${source.who} is ${formatSpec(source.spec)}, and ${who} is ${formatSpec(spec)}`);
    },
    made: (at, make) => {
      try {
        return make();
      } catch (error) {
        return fail(at, messageOf(error));
      }
    },
  };
  return binding;
}
