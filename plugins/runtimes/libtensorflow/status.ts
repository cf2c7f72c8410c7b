import { Code, type ErrorCode, ServingError } from "../../../core/index.js";
import type { Pointer, TfApi } from "./c-api.js";
import { cleanErrorText } from "./error-text.js";

// TF_Code's numbers are the canonical ones.
const codeNames = new Map<number, ErrorCode>(
  Object.entries(Code).flatMap(([name, number]) => (name === "OK" ? [] : [[number, name as ErrorCode] as const])),
);

/**
 * A failed status as a ServingError of the same code; undefined for OK. `before` is put in front of the text, and the
 * path of `folder` is taken out of it.
 */
export function errorOf(api: TfApi, status: Pointer, before = "", folder = ""): ServingError | undefined {
  const code = api.getCode(status);
  if (code === Code.OK) return undefined;
  const text = api.message(status) ?? "";
  const local = folder === "" ? text : text.replaceAll(`${folder}/`, "").replaceAll(folder, "the model's folder");
  return new ServingError(codeNames.get(code) ?? "UNKNOWN", `${before}${cleanErrorText(local)}`, {
    cause: new Error(text),
  });
}

/** Gives `use` a fresh TF_Status and releases it when what `use` returned has settled. */
export async function withStatus<T>(api: TfApi, use: (status: Pointer) => Promise<T>): Promise<T> {
  const status = api.newStatus();
  try {
    return await use(status);
  } finally {
    api.deleteStatus(status);
  }
}
