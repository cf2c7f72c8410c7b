import { open, readFile, rename } from "node:fs/promises";
import { digestOf } from "./digest.js";
import type { Layout } from "./layout.js";
import type { Owner } from "./owner.js";
import { isMissing } from "./system-errors.js";

/** A text for each place; at any time the whole of one that was written. */
export function createPlaces(layout: Layout, owner: Owner) {
  return {
    async write(place: string, text: string): Promise<void> {
      const path = owner.workspace();
      const file = await open(path, "w");
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path, layout.place(digestOf(place)));
    },
    async read(place: string): Promise<string | undefined> {
      try {
        return await readFile(layout.place(digestOf(place)), "utf8");
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}
