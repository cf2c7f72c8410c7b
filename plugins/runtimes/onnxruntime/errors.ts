import { basename } from "node:path";
import { type ErrorCode, isServingError, ServingError } from "../../../core/index.js";

/** ONNX Runtime's `OrtErrorCode`. */
export const OrtCode = {
  FAIL: 1,
  INVALID_ARGUMENT: 2,
  NO_SUCHFILE: 3,
  NO_MODEL: 4,
  ENGINE_ERROR: 5,
  RUNTIME_EXCEPTION: 6,
  INVALID_PROTOBUF: 7,
  MODEL_LOADED: 8,
  NOT_IMPLEMENTED: 9,
  INVALID_GRAPH: 10,
  EP_FAIL: 11,
} as const;

/** What an engine learned of a failure: the code where it knows it, and ONNX Runtime's words. */
export type Failure = { readonly code: number; readonly text: string };

const outOfMemory = /bad_?alloc|failed to allocate memory|out of memory|available memory of|allocation failed/i;

/**
 * ONNX Runtime's text without what only its own developers can use: a `/onnxruntime_src/dir/file.cc:12 Class::Method(
 * const Type&) const` in front of the reason, and absolute paths, of which the last part is kept.
 */
export function cleanText(text: string): string {
  let rest = text;
  let out = "";
  for (let match = source.exec(rest); match; match = source.exec(rest)) {
    out += rest.slice(0, match.index);
    rest = skipSignature(rest.slice(match.index + match[0].length));
  }
  return (out + rest)
    .replace(
      /(^|[\s"'(:[])((?:\/|[A-Za-z]:\\)[^\s"'()[\],:;]+)/g,
      (_, before: string, path: string) => before + last(path),
    )
    .replace(/\s+/g, " ")
    .trim();
}

const source = /\S*onnxruntime[\\/][^\s:]*\.(?:cc|h|cpp|hpp|cu|cuh):\d+\s?/;
const last = (path: string) => basename(path.replaceAll("\\", "/")) || path;

/** Drops a C++ function signature, whose parentheses may nest, from the start of `text`. */
function skipSignature(text: string): string {
  const open = /^[\w:~<>,&*\s]*?\(/.exec(text);
  if (!open) return text;
  let depth = 1;
  let end = open[0].length;
  for (; end < text.length && depth > 0; end++) {
    if (text[end] === "(") depth++;
    else if (text[end] === ")") depth--;
  }
  return text.slice(end).replace(/^(?:::<lambda\([^)]*\)>)?(?: const)?(?: \[with [^\]]*\])?\s*/, "");
}

/** A run that failed. */
export function runError({ code, text }: Failure): ServingError {
  const words = cleanText(text);
  const message = `onnxruntime: ${words}`;
  return new ServingError(runCode(code, words), message);
}

function runCode(code: number, text: string): ErrorCode {
  if (outOfMemory.test(text)) return "RESOURCE_EXHAUSTED";
  if (code === OrtCode.INVALID_ARGUMENT) return "INVALID_ARGUMENT";
  if (code === OrtCode.NOT_IMPLEMENTED) return "UNIMPLEMENTED";
  if (code === OrtCode.EP_FAIL || /\bCU(?:DA|DNN|BLAS)\b/.test(text)) return "INTERNAL";
  // The graph was checked at load: a node that refuses now refuses what it was given.
  if (/while running \S+ node/.test(text)) return "INVALID_ARGUMENT";
  return "INTERNAL";
}

/** A model that did not load. `file` is its name for people; the directory stays out of what clients may see. */
export function loadError({ code, text }: Failure, file: string): ServingError {
  const words = cleanText(text);
  return new ServingError(loadCode(code, words), `${file} does not load: ${words}`);
}

function loadCode(code: number, text: string): ErrorCode {
  if (outOfMemory.test(text)) return "RESOURCE_EXHAUSTED";
  if (code === OrtCode.NO_SUCHFILE) return "FAILED_PRECONDITION";
  if (code === OrtCode.NOT_IMPLEMENTED) return "UNIMPLEMENTED";
  if (code === OrtCode.INVALID_PROTOBUF || code === OrtCode.INVALID_GRAPH || code === OrtCode.INVALID_ARGUMENT) {
    return "INVALID_ARGUMENT";
  }
  return "FAILED_PRECONDITION";
}

/** What a run rejects with once its signal has aborted. */
export function cancelled(signal: AbortSignal): ServingError {
  const { reason } = signal;
  if (isServingError(reason)) return reason;
  return new ServingError("CANCELLED", "the request was cancelled", { cause: reason });
}
