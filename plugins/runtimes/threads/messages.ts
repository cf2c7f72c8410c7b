import type { ErrorCode } from "../../../core/index.js";

/** What a thread is sent. */
export type Question = { readonly id: number; readonly request: unknown };

/** What comes back: an error cannot be posted with its code. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: ErrorCode; readonly message: string; readonly detail: string };

/** An answer, and the buffers in it that are given away instead of copied. */
export type Answer<T> = { readonly value: T; readonly transfer?: readonly ArrayBuffer[] };
