import { refusedArchive } from "./refusal.js";

/** What an archive may grow to. */
export type UnpackLimits = {
  /** Files and folders. */
  readonly entries: number;
  /** Bytes, unpacked. */
  readonly total: number;
  /** Bytes unpacked for each byte of the archive; an archive that unpacks to less than `harmless` may be above it. */
  readonly ratio: number;
  /** Bytes, unpacked. */
  readonly harmless: number;
};

/** Weights shrink to no less than a tenth; nested folders of zeros to a thousandth, which is what bombs are made of. */
export const defaultLimits: UnpackLimits = {
  entries: 100_000,
  total: 64 * 2 ** 30,
  ratio: 100,
  harmless: 64 * 2 ** 20,
};

/** What has come out of one archive so far. */
export interface Budget {
  /** @throws INVALID_ARGUMENT */
  entry(): void;
  /** @throws INVALID_ARGUMENT */
  bytes(count: number): void;
}

/** @param packed bytes of the archive itself */
export function budget({ entries, total, ratio, harmless }: UnpackLimits, packed: number): Budget {
  const most = Math.min(total, Math.max(harmless, packed * ratio));
  let seen = 0;
  let written = 0;
  return {
    entry() {
      if (++seen > entries) throw refusedArchive(`has more than ${entries} files and folders`);
    },
    bytes(count) {
      written += count;
      if (written <= most) return;
      const limit = most === total ? `${total} bytes` : `${ratio} times its own ${packed} bytes`;
      throw refusedArchive(`unpacks to more than ${limit}, the most that is allowed`);
    },
  };
}
