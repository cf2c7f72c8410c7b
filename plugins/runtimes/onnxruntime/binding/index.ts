import { basename } from "node:path";
import {
  internal,
  isGone,
  type Logger,
  record,
  type TensorSpec,
  type Tensors,
  unimplemented,
} from "../../../../core/index.js";
import { createLimiter, trimMemory } from "../../native/index.js";
import { elementTypeOf } from "../element-types.js";
import { cancelled, cleanText, loadError, runError } from "../errors.js";
import { createInFlight } from "../in-flight.js";
import { checkInputs, checkOutputs } from "../inputs.js";
import type { OrtSessionOptions, Provider } from "../options.js";
import { firstProvider, ProviderUnavailable } from "../providers.js";
import type { OrtModel, OrtSession } from "../session.js";
import { withEmbedded } from "../weights.js";
import { failureOf, isProviderMissing } from "./failure.js";
import type { WirePort } from "./messages.js";
import { fromWire, toWire } from "./tensors.js";
import { type SessionThread, startThread } from "./thread.js";

/** Opens a session through onnxruntime-node's own API, in a worker thread, because that API blocks. @throws ServingError */
export function openBindingSession(model: OrtModel, options: OrtSessionOptions, log: Logger): Promise<OrtSession> {
  return firstProvider(options.executionProviders, log, (provider) => openOn(model, options, provider));
}

async function openOn(model: OrtModel, options: OrtSessionOptions, provider: Provider): Promise<OrtSession> {
  const thread = startThread({ model: embedded(model), options, provider });
  const first = await thread.opened;
  if (first.kind === "opened") {
    try {
      return wrap(thread, provider, first.inputs, first.outputs);
    } catch (error) {
      await thread.close();
      throw error;
    }
  }
  const text = first.kind === "failed" ? first.text : "an answer without a question";
  if (isProviderMissing(text)) throw new ProviderUnavailable(`${provider}: ${cleanText(text)}`);
  const name = "path" in model ? basename(model.path) : "the model";
  if (/unsupported data type/i.test(text)) {
    throw unimplemented(
      `${name} has an input or output of a type that the binding engine cannot carry: use engine ffi`,
    );
  }
  throw loadError(failureOf(text), name);
}

/** The package's API has no way to bring weights from elsewhere. */
function embedded(model: OrtModel): OrtModel {
  return "path" in model || !model.weights ? model : { bytes: withEmbedded(model.bytes, model.weights) };
}

function wrap(
  thread: SessionThread,
  provider: Provider,
  inputPorts: readonly WirePort[],
  outputPorts: readonly WirePort[],
): OrtSession {
  for (const port of inputPorts) {
    if (!isServable(port)) throw unimplemented(`input "${port.name}" cannot be served: it is ${reasonOf(port)}`);
  }
  const inputs = record(inputPorts.map(specOf));
  const outputs = record(outputPorts.filter(isServable).map(specOf));
  const hiddenOutputs = outputPorts
    .filter((port) => !isServable(port))
    .map((port) => ({ name: port.name, reason: reasonOf(port) }));
  if (Object.keys(outputs).length === 0) {
    const list = hiddenOutputs.map(({ name, reason }) => `"${name}" is ${reason}`).join("; ");
    throw unimplemented(`no output can be served: ${list || "the model has none"}`);
  }
  const inFlight = createInFlight();
  // The thread runs one request after the other; what waits here can still be cancelled.
  const turn = createLimiter(1);

  const exchange = async (given: Tensors, names: readonly string[]): Promise<Tensors> => {
    const transfer: ArrayBuffer[] = [];
    const wire = new Map(Object.entries(given).map(([name, tensor]) => [name, toWire(name, tensor, transfer)]));
    const message = await thread.ask({ inputs: wire, outputs: names }, transfer);
    if (message.kind === "failed") throw runError(failureOf(message.text));
    if (message.kind !== "answer") throw internal(`the thread that runs the model sent "${message.kind}"`);
    return record([...message.outputs].map(([name, tensor]) => [name, fromWire(tensor)] as const));
  };

  const run: OrtSession["run"] = async (given, asked, caller) => {
    inFlight.enter();
    try {
      checkInputs(given, inputs);
      const names = checkOutputs(asked, outputs);
      return await turn.run(() => exchange(given, names), caller);
    } catch (error) {
      throw isGone(caller) ? cancelled(caller.signal) : error;
    } finally {
      inFlight.leave();
    }
  };

  return {
    engine: "binding",
    provider,
    inputs,
    outputs,
    hiddenOutputs,
    forgetsInputs: false,
    run,
    [Symbol.asyncDispose]: () => inFlight.close(() => thread.close().then(trimMemory)),
  };
}

const isServable = ({ type }: WirePort) => type !== "" && elementTypeOf(type as TensorSpec["dtype"]) !== undefined;

const reasonOf = ({ type }: WirePort) =>
  type === ""
    ? "it is no tensor, and cannot travel in one"
    : `it is a tensor of ${type}, a type that tensors here cannot carry`;

/** onnxruntime-node describes a scalar and a tensor of any rank alike, without dimensions: both are taken as any rank. */
function specOf({ name, type, shape, dimNames }: WirePort): readonly [string, TensorSpec] {
  const dtype = type as TensorSpec["dtype"];
  return [name, shape.length === 0 ? { dtype, shape: null, name } : { dtype, shape, dimNames, name }];
}
