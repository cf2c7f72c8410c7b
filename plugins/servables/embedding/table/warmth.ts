import type { FileMapping } from "../../../runtimes/native/index.js";
import { type MatrixParts, storedBytes } from "./matrix.js";

/** What is known of which rows of a table are in memory, so that looking at them stalls nobody. */
export interface Warmth {
  /** Whether all of these rows can be looked at without waiting for a disk. */
  isWarm(rows: Int32Array): boolean;
  /** These rows have just been looked at. */
  touched(rows: Int32Array): void;
}

/** A table in memory of its own. */
export const alwaysWarm: Warmth = { isWarm: () => true, touched: () => {} };
export const neverWarm: Warmth = { isWarm: () => false, touched: () => {} };

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
  const eachPage = (rows: Int32Array, look: (page: number) => boolean): boolean => {
    for (const row of rows) {
      if (row < 0) continue;
      const start = offset + row * rowBytes;
      const last = Math.floor((start + rowBytes - 1) / pageSize);
      for (let page = Math.floor(start / pageSize); page <= last; page++) if (!look(page)) return false;
    }
    return true;
  };
  return {
    isWarm: (rows) => {
      refresh();
      const known = pages;
      return known !== undefined && eachPage(rows, (page) => (known[page]! & 1) === 1);
    },
    touched: (rows) => {
      const known = pages;
      if (!known) return;
      eachPage(rows, (page) => {
        known[page]! |= 1;
        return true;
      });
    },
  };
}
