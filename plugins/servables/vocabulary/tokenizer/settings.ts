import type { VocabularyOptions } from "../options.js";
import type { TokenizerFile } from "./file.js";

export type Side = "Left" | "Right";
export type TokenizerOptions = Pick<VocabularyOptions, "maxLength" | "padding" | "specialTokens">;

/** How rows of ids are made of one length. */
export type Settings = {
  /** Most ids of a row, special ones included. */
  readonly maxLength: number;
  /** Where too long texts are cut. */
  readonly cut: Side;
  /** Rows have at least this many ids. */
  readonly least: number;
  readonly multiple: number;
  readonly pad: { readonly side: Side; readonly id: number; readonly typeId: number };
};

const PAD_TOKENS = ["[PAD]", "<pad>", "<|pad|>", "<PAD>"];

/** What the file says, and over it what the options say. @throws Error for a length that is not known */
export function settingsOf(
  { truncation, padding }: TokenizerFile,
  options: TokenizerOptions,
  idOf: (token: string) => number | undefined,
): Settings {
  const maxLength = options.maxLength ?? truncation?.max_length;
  const fixed = padding && typeof padding.strategy === "object" ? padding.strategy.Fixed : 0;
  const longest = options.maxLength ?? (fixed || truncation?.max_length);
  if (options.padding === "max" && longest === undefined) {
    throw new Error("padding: max needs a maxLength, as the file has neither truncation nor padding");
  }
  const least = options.padding === "max" ? longest! : options.padding === "longest" ? 0 : fixed;
  const known = PAD_TOKENS.map(idOf).find((id) => id !== undefined);
  return {
    maxLength: maxLength ?? Number.POSITIVE_INFINITY,
    cut: truncation?.direction ?? "Right",
    least,
    multiple: padding?.pad_to_multiple_of ?? 1,
    pad: {
      side: padding?.direction ?? "Right",
      id: padding?.pad_id ?? known ?? 0,
      typeId: padding?.pad_type_id ?? 0,
    },
  };
}
