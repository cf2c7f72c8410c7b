import { type Failure, OrtCode } from "../errors.js";

/** onnxruntime-node throws ONNX Runtime's text without its code; the texts below are told apart by their wording. */
const wordings: readonly (readonly [RegExp, number])[] = [
  [/doesn't exist|no such file|system error number 2/i, OrtCode.NO_SUCHFILE],
  [/protobuf parsing failed|invalid protobuf/i, OrtCode.INVALID_PROTOBUF],
  [
    /invalid graph|this is an invalid model|not a registered function\/op|type error|incompatible dimensions/i,
    OrtCode.INVALID_GRAPH,
  ],
  [/not implemented|could not find an implementation|unsupported data type/i, OrtCode.NOT_IMPLEMENTED],
  [
    /invalid dimensions|invalid rank|unexpected input data type|missing input|invalid feed|invalid input|opset|ir_version|ir version/i,
    OrtCode.INVALID_ARGUMENT,
  ],
];

export function failureOf(text: string): Failure {
  const known = wordings.find(([pattern]) => pattern.test(text));
  return { code: known?.[1] ?? OrtCode.FAIL, text };
}

/** Whether a session failed to open because its execution provider is not there. */
export const isProviderMissing = (text: string) =>
  /failed to load shared library|webgpu adapter|backend not found|execution provider .*not|not (?:enabled|supported) in this build/i.test(
    text,
  );
