import { internal, invalidArgument, isServingError, messageOf } from "../../../core/index.js";
import { type Answer, answerQuestions } from "../../runtimes/threads/index.js";
import { openLibrary } from "./backend/library.js";
import type { Opened, OpenRequest, Ran, RunRequest } from "./messages.js";
import type { Model } from "./model/model.js";
import { openModel } from "./model/open-model.js";
import { buffersUnder } from "./model/values.js";

// The library greets and advises on the console, which would go among the lines of the server's log.
Object.assign(console, { log: () => {}, info: () => {}, warn: () => {} });

let model: Model | undefined;

async function open({ path, backend: wanted }: OpenRequest): Promise<Answer<Opened>> {
  const { tf, backend, passedOver } = await openLibrary(wanted);
  model = await openModel(tf, path);
  return { value: { backend, version: tf.version_core, ports: model.ports, passedOver } };
}

async function run({ inputs, outputs }: RunRequest): Promise<Answer<Ran>> {
  if (!model) throw internal("the model was asked before it was opened");
  try {
    const value = await model.run(inputs, outputs);
    return { value, transfer: [...value.values()].flatMap(buffersUnder) };
  } catch (error) {
    if (isServingError(error)) throw error;
    throw invalidArgument(`the model cannot be run on these inputs: ${messageOf(error)}`, error);
  }
}

answerQuestions<OpenRequest | RunRequest, Opened | Ran>(
  (request) => (request.kind === "open" ? open(request) : run(request)),
  "TensorFlow.js failed; the server's log has the details",
);
