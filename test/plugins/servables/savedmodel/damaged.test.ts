import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isServingError } from "../../../../core/index.js";
import { type Compiled, compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { compileOffLoop } from "../../../../plugins/servables/savedmodel/compile-off-loop.js";
import { call, constant, forge, int, type NodeInit, node } from "./forged-model.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "salver-damaged-"));
afterAll(() => rmSync(work, { recursive: true }));

const lower = (dir: string): Compiled => compile({ dir, tags: ["serve"], lower: true });

/** Lowers it, or refuses it as a server can show: anything else fails the test. */
function survives(dir: string): void {
  try {
    lower(dir);
  } catch (error) {
    if (!isServingError(error)) throw error;
    expect(error.message).not.toBe("");
    expect(error.message).not.toContain(dir);
  }
}

describe("a saved_model.pb that was tampered with is lowered or refused, and never more than that:", () => {
  const models = ["dense", "tf1_loop", "control_flow", "assets", "int_types", "parse_example"];
  it.each(models)("%s", (name) => {
    const from = join(root, "test/fixtures/savedmodels", name);
    const dir = join(work, name);
    cpSync(from, dir, { recursive: true });
    const path = join(dir, "saved_model.pb");
    const whole = readFileSync(path);
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 6 });
    const length = fc.oneof({ arbitrary: fc.constant(whole.length), weight: 4 }, fc.nat(whole.length));
    fc.assert(
      fc.property(flips, length, (changes, end) => {
        const bytes = Buffer.from(whole);
        for (const [at, mask] of changes) bytes[at]! ^= mask;
        writeFileSync(path, bytes.subarray(0, end));
        survives(dir);
      }),
      { numRuns: 40 },
    );
  });

  it("cut short anywhere, it is refused by its name", () => {
    const dir = join(work, "cut");
    mkdirSync(dir);
    const whole = readFileSync(join(root, "test/fixtures/savedmodels/dense/saved_model.pb"));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (end) => {
        writeFileSync(join(dir, "saved_model.pb"), whole.subarray(0, end));
        expect(() => lower(dir)).toThrow(/saved_model\.pb/);
      }),
      { numRuns: 30 },
    );
  });
});

describe("variables that were tampered with are refused by the name of their file", () => {
  const dir = join(work, "variables-of-dense");
  beforeAll(() => cpSync(join(root, "test/fixtures/savedmodels/dense"), dir, { recursive: true }));

  it.each(["variables.index", "variables.data-00000-of-00001"])("%s", (name) => {
    const path = join(dir, "variables", name);
    const whole = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, mask, cut) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= mask;
        writeFileSync(path, cut ? whole.subarray(0, at) : bytes);
        survives(dir);
      }),
      { numRuns: 40 },
    );
    writeFileSync(path, whole);
    expect(Object.keys(lower(dir).lowered)).not.toEqual([]);
  });
});

const TERA = 2n ** 40n;
const plus = (name: string) => node("y", "AddV2", ["x", name]);
const one = { floatVal: [1] };

/** What a file claims, and how that is refused. */
const absurd: readonly (readonly [claim: string, nodes: readonly NodeInit[], RegExp])[] = [
  ["a constant of terabytes", [constant("c", [TERA], one), plus("c")], /saved_model\.pb: the constant "c".*too many/],
  [
    "a shape whose product overflows",
    [constant("c", [TERA, TERA, TERA], one), plus("c")],
    /the constant "c".*too many/,
  ],
  ["a negative dimension", [constant("c", [-5n], one), plus("c")], /the constant "c".*negative or too large/],
  [
    "more bytes than it holds",
    [constant("c", [TERA], { tensorContent: new Uint8Array(8) }), plus("c")],
    /the constant "c".*takes 4398046511104 bytes of tensor_content, got 8/,
  ],
  [
    "hundreds of constants that repeat one value",
    Array.from({ length: 300 }, (_, i) => [
      constant(`c${i}`, [2n ** 20n], { floatVal: [i] }),
      node(i === 299 ? "y" : `a${i}`, "AddV2", [i === 0 ? "x" : `a${i - 1}`, `c${i}`]),
    ]).flat(),
    /the constant "c\d+".*too many to fill in/,
  ],
  [
    "a trillion outputs",
    [constant("d", [], { intVal: [0] }, 3), node("y", "Split", ["d", "x"], { num_split: int(TERA) })],
    /saved_model\.pb: "y" \(Split\) announces 1099511627776 outputs/,
  ],
  [
    "more nodes than any model has",
    Array.from({ length: 500_001 }, (_, i) =>
      node(i === 500_000 ? "y" : `n${i}`, "Relu", [i === 0 ? "x" : `n${i - 1}`]),
    ),
    /more than 500000 nodes/,
  ],
];

describe("what no memory holds is refused by the node that claims it, before memory is taken:", () => {
  it.each(absurd)("%s", (_claim, nodes, message) => {
    const dir = join(work, "absurd");
    forge(dir, nodes);
    expect(() => lower(dir)).toThrow(message);
  });
});

describe("graphs that lead nowhere are refused by node and function:", () => {
  const fn = (name: string, nodes: NodeInit[], result: string) => ({
    signature: { name, inputArg: [{ name: "a", type: 1 }], outputArg: [{ name: "out", type: 1 }] },
    nodeDef: nodes,
    ret: { out: result },
  });

  it("functions that call each other", () => {
    const dir = join(work, "cyclic");
    forge(
      dir,
      [call("y", "f", ["x"])],
      [fn("f", [call("there", "g", ["a"])], "there:output:0"), fn("g", [call("back", "f", ["a"])], "back:output:0")],
    );
    expect(() => lower(dir)).toThrow(/the function "f" calls itself, at "back"/);
  });

  it("nodes that wait for each other", () => {
    const dir = join(work, "loop");
    forge(dir, [node("a", "AddV2", ["x", "y"]), node("y", "Relu", ["a"])]);
    const { obstacles } = lower(dir);
    expect(obstacles.serving_default).toContainEqual(
      expect.objectContaining({ reason: expect.stringMatching(/loop/) }),
    );
  });
});

it("the thread that reads models goes on after a broken one", async () => {
  const { signal } = new AbortController();
  const good = join(root, "test/fixtures/savedmodels/dense");
  const broken = join(work, "broken");
  for (const [, nodes, message] of absurd.slice(0, 6)) {
    forge(broken, nodes);
    const both = [broken, good].map((dir) => compileOffLoop({ dir, tags: ["serve"], lower: true }, signal));
    await expect(both[0]).rejects.toThrow(message);
    expect(Object.keys((await both[1]!).lowered)).not.toEqual([]);
  }
});
