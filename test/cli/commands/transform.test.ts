import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { salver } from "./run.js";

const work = mkdtempSync(join(tmpdir(), "salver-fit-"));
afterAll(() => rmSync(work, { recursive: true }));
const folder = join(work, "1");
const [spec, csv] = [join(folder, "transform.yaml"), join(work, "data.csv")];
const text =
  "# ages\ninputs: { age: float32 }\nsteps:\n  - { op: standardize, from: age, to: z } # fitted\noutputs: [z]\n";

beforeEach(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(spec, text);
  writeFileSync(csv, "age\n1\n3\n");
});

describe("salver transform fit", () => {
  it("writes values into the spec, says which, and then has nothing to do", async () => {
    const first = await salver("transform", "fit", csv, folder);
    expect(first.code).toBe(0);
    expect(first.stderr).toBe("pass 1: 100 %\n");
    expect(first.stdout).toMatch(/^steps\[0\] +standardize +z +mean +2$/m);
    expect(first.stdout).toMatch(/transform\.yaml: fitted to 2 rows\n$/);
    const filled = text.replace("to: z", "to: z, mean: 2, std: 1");
    expect(readFileSync(spec, "utf8")).toBe(filled);
    const second = await salver("transform", "fit", csv, spec);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing was to fit/) });
    expect(readdirSync(folder)).toEqual(["transform.yaml"]);
    expect((await salver("inspect", folder)).stdout).toMatch(/standardize/);
  });

  it("writes elsewhere, and computes again, where it is told to", async () => {
    const out = join(work, "out.yaml");
    expect((await salver("transform", "fit", csv, spec, "--out", out)).code).toBe(0);
    expect(readFileSync(spec, "utf8")).toBe(text);
    writeFileSync(csv, "x\tage\n?\tnone\n?\t7\n");
    expect(
      (await salver("transform", "fit", csv, out, "--again", "--delimiter", "tab", "--missing", "none")).code,
    ).toBe(0);
    expect(readFileSync(out, "utf8")).toBe(text.replace("to: z", "to: z, mean: 7, std: 0"));
  });

  it("fails with 1 for the data and with 2 for the spec and the command line, and writes nothing", async () => {
    writeFileSync(csv, "age\n1,2\n");
    const ragged = await salver("transform", "fit", csv, spec);
    expect(ragged).toMatchObject({ code: 1, stdout: "" });
    expect(ragged.stderr).toContain("data.csv:2: 2 fields where the header has 1");
    expect(readFileSync(spec, "utf8")).toBe(text);
    writeFileSync(spec, text.replace("standardize", "standardise"));
    const wrong = await salver("transform", "fit", csv, spec);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(
      /transform\.yaml:4:11 steps\[0\]\.op: unknown op "standardise" \(did you mean "standardize"\?\)\n$/,
    );
    expect((await salver("transform", "fit", csv)).code).toBe(2);
    expect((await salver("transform", "fit", csv, spec, "--delimiter", "::")).code).toBe(2);
    expect(await salver("transform", "fit", csv, join(work, "none.yaml"))).toMatchObject({ code: 1 });
  });
});
