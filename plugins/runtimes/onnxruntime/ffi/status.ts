import { readCString } from "../../native/index.js";
import type { Failure } from "../errors.js";
import type { OrtApi, Status } from "./api.js";

/** Reads a status and releases it; undefined for success. */
export function takeFailure(api: OrtApi, status: Status): Failure | undefined {
  if (status === null) return undefined;
  const failure = { code: api.getErrorCode(status), text: readCString(api.getErrorMessage(status)) };
  api.releaseStatus(status);
  return failure;
}

/** A failure that travels as an exception until someone knows what it means to the caller. */
export class OrtFailure extends Error {
  override readonly name = "OrtFailure";

  constructor(readonly failure: Failure) {
    super(failure.text);
  }
}

/** @throws OrtFailure unless `status` is success; releases it in any case */
export function check(api: OrtApi, status: Status): void {
  const failure = takeFailure(api, status);
  if (failure) throw new OrtFailure(failure);
}
