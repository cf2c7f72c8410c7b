import type { PackedStrings } from "../../../runtimes/threads/index.js";
import type { Rows } from "./rows.js";
import type { TokenizerOptions } from "./settings.js";

export type OpenRequest = { readonly kind: "open"; readonly path: string; readonly options: TokenizerOptions };
export type EncodeRequest = { readonly kind: "encode"; readonly texts: PackedStrings };
export type DecodeRequest = {
  readonly kind: "decode";
  readonly ids: BigInt64Array<ArrayBuffer>;
  readonly rows: number;
};
export type TokenizerRequest = OpenRequest | EncodeRequest | DecodeRequest;

export type Opened = { readonly typeIds: boolean };
export type TokenizerAnswer = Opened | Rows | PackedStrings;
