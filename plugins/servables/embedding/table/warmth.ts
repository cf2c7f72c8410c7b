import type { FileMapping } from "../../../runtimes/native/index.js";
import { type MatrixParts, storedBytes } from "./matrix.js";

export type Known = "warm" | "cold" | "unknown";

/** What is known of which rows of a table are in memory, so that looking at them stalls nobody. */
export interface Warmth {
  /** `warm` where all of these rows can be looked at without waiting for a disk, `cold` where some cannot. */
  of(rows: Int32Array): Known;
  /** `of` every row. */
  ofAll(): Known;
  /** These rows have just been looked at. */
  touched(rows: Int32Array): void;
  /** Every row has just been looked at. */
  touchedAll(): void;
}

/** A table in memory of its own. */
export const alwaysWarm: Warmth = { of: () => "warm", ofAll: () => "warm", touched: () => {}, touchedAll: () => {} };
export const neverWarm: Warmth = {
  of: () => "unknown",
  ofAll: () => "unknown",
  touched: () => {},
  touchedAll: () => {},
};

// The system may take pages back whenever it likes: what it said is believed for so long.
const BELIEVED_MS = 5_000;

/** A mapped table, as the system tells of its pages. `offset` is where the table begins in the mapping. */
export async function warmthOf(mapping: FileMapping, offset: number, parts: MatrixParts): Promise<Warmth> {
  const { pageSize } = mapping;
  const rowBytes = parts.width * storedBytes[parts.dtype];
  let pages = await mapping.residency();
  let [asked, asking] = [performance.now(), false];

  const refresh = () => {
    if (asking || performance.now() - asked < BELIEVED_MS) return;
    asking = true;
    void mapping
      .residency()
      .then((now) => {
        pages = now;
      })
      .finally(() => {
        [asked, asking] = [performance.now(), false];
      });
  };
  // Page sizes are powers of two: this is exact, and takes a third of the time of a division.
  const perByte = 1 / pageSize;
  const pageOf = (byte: number) => Math.floor(byte * perByte);
  const allIn = (known: Uint8Array, rows: Int32Array): boolean => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (row < 0) continue;
      const start = offset + row * rowBytes;
      const last = pageOf(start + rowBytes - 1);
      for (let page = pageOf(start); page <= last; page++) if ((known[page]! & 1) === 0) return false;
    }
    return true;
  };
  return {
    of: (rows) => {
      refresh();
      const known = pages;
      if (!known) return "unknown";
      return allIn(known, rows) ? "warm" : "cold";
    },
    ofAll: () => {
      refresh();
      const known = pages;
      if (!known) return "unknown";
      const last = pageOf(offset + parts.rows * rowBytes - 1);
      for (let page = pageOf(offset); page <= last; page++) if ((known[page]! & 1) === 0) return "cold";
      return "warm";
    },
    touched: (rows) => {
      const known = pages;
      if (!known) return;
      for (const row of rows) {
        if (row < 0) continue;
        const start = offset + row * rowBytes;
        const last = pageOf(start + rowBytes - 1);
        for (let page = pageOf(start); page <= last; page++) known[page] = 1;
      }
    },
    touchedAll: () => pages?.fill(1),
  };
}
