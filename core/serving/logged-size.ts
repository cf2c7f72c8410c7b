import type { Example } from "../example.js";
import type { Classes, InferenceResult } from "../inference.js";
import type { LoggedRequest } from "../request-log.js";
import { byteLength, type Tensors } from "../tensor.js";

/** What an object and its fields take beside the bytes it points to, roughly. */
const OBJECT = 64;

const sum = <T>(items: Iterable<T>, size: (item: T) => number): number => {
  let total = 0;
  for (const item of items) total += OBJECT + size(item);
  return total;
};

const ofTensors = (tensors: Tensors) => sum(Object.values(tensors), ofTensor);
const ofTensor = (tensor: Tensors[string]) =>
  byteLength(tensor) + (tensor.dtype === "string" ? OBJECT * tensor.data.length : 0);
const ofExamples = (examples: readonly Example[]) => sum(examples, ({ bytes }) => bytes.byteLength);
const ofClasses = (all: readonly Classes[]) => sum(all, (classes) => sum(classes, ({ label }) => label.byteLength));
const ofResult = (result: InferenceResult) =>
  result.method === "classify" ? ofClasses(result.classes) : result.values.byteLength;

/** The bytes that a request and its answer keep in memory, about. */
export function loggedSize(request: LoggedRequest): number {
  switch (request.kind) {
    case "predict":
      return OBJECT + ofTensors(request.inputs) + ofTensors(request.outputs);
    case "classify":
      return OBJECT + ofExamples(request.examples) + ofClasses(request.classes);
    case "regress":
      return OBJECT + ofExamples(request.examples) + request.values.byteLength;
    case "multiInference":
      return OBJECT + ofExamples(request.examples) + sum(request.results, ofResult);
  }
}
