import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAsset } from "../../../../plugins/servables/savedmodel/assets.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "assets-"));
  cpSync(fileURLToPath(new URL("strings/model", import.meta.url)), dir, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

const compileTable = () => compile({ dir, tags: ["serve"], signatures: ["table_file"], lower: true });
const words = () => join(dir, "assets/words.txt");
const user = /".*InitializeTableFromTextFileV2.*" in the function ".+"/.source;

describe("a file of the model's assets", () => {
  it("that is missing is named, with the node that reads it", () => {
    rmSync(words());
    expect(compileTable).toThrow(
      expect.objectContaining({
        code: "NOT_FOUND",
        message: expect.stringMatching(`^assets/words.txt, which ${user} reads, is missing$`),
      }),
    );
  });

  it("that holds something else is named, with the line", () => {
    writeFileSync(words(), "a\n\nb");
    expect(compileTable).toThrow(
      expect.objectContaining({ code: "DATA_LOSS", message: "assets/words.txt: line 2 is empty" }),
    );
    writeFileSync(words(), "a\nb\na");
    expect(compileTable).toThrow(/cannot be filled: HashTable has different value for same key. Key a has 0/);
  });

  it("is not read where its name or a link leads out of the folder", () => {
    writeFileSync(join(dir, "secret"), "x");
    const refused = (what: RegExp) =>
      expect.objectContaining({ code: "FAILED_PRECONDITION", message: expect.stringMatching(what) });
    for (const name of ["../secret", "a/../../secret", "", ".", "a\0b"]) {
      expect(() => readAsset(dir, name, "n"), name).toThrow(refused(/lies outside of the model's assets/));
    }
    symlinkSync(join(dir, "secret"), join(dir, "assets/link"));
    expect(() => readAsset(dir, "link", "n")).toThrow(refused(/a link to a place outside/));
  });
});
