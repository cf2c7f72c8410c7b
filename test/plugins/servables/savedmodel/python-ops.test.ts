import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { call, type FunctionInit, forge, type NodeInit, node } from "./forged-model.js";

const work = mkdtempSync(join(tmpdir(), "salver-python-"));
afterAll(() => rmSync(work, { recursive: true }));

const python = node("there", "EagerPyFunc", ["a"]);
const fn = (name: string, nodes: NodeInit[], result: string): FunctionInit => ({
  signature: { name, inputArg: [{ name: "a", type: 1 }], outputArg: [{ name: "r", type: 1 }] },
  nodeDef: nodes,
  ret: { r: result },
});
const branches: NodeInit["attr"] = Object.fromEntries(
  ["then_branch", "else_branch"].map((key) => [key, { value: { case: "func", value: { name: "calls" } } }]),
);

describe("a signature that calls back into Python is refused by every engine, and none is said to run it", () => {
  it.each<[string, NodeInit[], FunctionInit[], string]>([
    ["in the graph", [node("y", "PyFuncStateless", ["x"])], [], 'PyFuncStateless at "y"'],
    [
      "behind a call",
      [call("y", "calls", ["x"])],
      [fn("calls", [python], "there:output:0")],
      'EagerPyFunc at "there" in the function "calls"',
    ],
    [
      "in a branch",
      [node("y", "StatelessIf", ["x", "x"], branches)],
      [fn("calls", [call("in", "deeper", ["a"])], "in:output:0"), fn("deeper", [python], "there:output:0")],
      'EagerPyFunc at "there" in the function "deeper"',
    ],
  ])("%s", (_, nodes, functions, place) => {
    const dir = join(work, "model");
    forge(dir, nodes, functions);
    for (const lower of [true, false]) {
      const attempt = () => compile({ dir, tags: ["serve"], lower });
      expect(attempt).toThrow(`the signature "serving_default" needs Python: ${place} calls`);
    }
  });

  it("unless it takes no part in the signature", () => {
    const dir = join(work, "aside");
    forge(dir, [node("y", "Relu", ["x"]), node("aside", "PyFunc", ["x"])]);
    expect(Object.keys(compile({ dir, tags: ["serve"], lower: true }).lowered)).toEqual(["serving_default"]);
    expect(compile({ dir, tags: ["serve"], lower: false }).nodes).not.toContain("aside");
  });
});
