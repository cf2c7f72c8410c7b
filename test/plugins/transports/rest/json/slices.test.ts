import { tensor } from "salver";
import { describe, expect, it } from "vitest";
import { createColumn } from "../../../../../plugins/transports/rest/json/read/column.js";
import { createDenseReader } from "../../../../../plugins/transports/rest/json/read/dense.js";
import { createElements } from "../../../../../plugins/transports/rest/json/read/elements.js";
import { createRowReader } from "../../../../../plugins/transports/rest/json/read/rows.js";
import { finish, SLICE } from "../../../../../plugins/transports/rest/json/slices.js";
import { writeResponse } from "../../../../../plugins/transports/rest/json/write/response.js";
import { signature } from "../signatures.js";
import { readBody } from "./reading.js";

/** How often the event loop came round while `work` was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let going = true;
  const count = () => {
    if (!going) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  await work();
  going = false;
  return turns;
}

const numbers = (bytes: number) => Array.from({ length: bytes / 4 }, () => "1.5").join(",");

describe("the event loop goes on", () => {
  const size = 16 * SLICE;
  // Once for the syntax, once for the values.
  it.each([
    ["one list", `{"inputs":[${numbers(size)}]}`, "float32", 2],
    ["rows", `{"instances":[${numbers(size)}]}`, "float32", 2],
    ["rows of objects", `{"instances":[${Array.from({ length: size / 8 }, () => '{"x":1}').join()}]}`, "float32", 2],
    ["a long string", `{"inputs":"${"x".repeat(size)}"}`, "string", 1],
    ["white space", `{"inputs":${" ".repeat(size)}1}`, "float32", 1],
    ["what is passed over", `{"inputs":{"other":[${numbers(size)}],"x":1}}`, "float32", 2],
  ] as const)("while %s is read", async (_, body, dtype, passes) => {
    const turns = await turnsDuring(() => readBody(body, signature({ x: dtype })));
    expect(turns).toBeGreaterThanOrEqual(15 * passes);
  });

  it("while the rest of a list is counted for an error", async () => {
    const body = `{"inputs":[[1],[2,${numbers(size)}]]}`;
    const turns = await turnsDuring(() =>
      expect(readBody(body, signature({ x: "float32" }))).rejects.toThrow(
        `unexpected size: ${size / 4 + 1} at level: 1`,
      ),
    );
    expect(turns).toBeGreaterThanOrEqual(30);
  });

  it.each([
    ["one output", [[16 * SLICE]]],
    ["several by rows", [[4 * SLICE], [4 * SLICE]]],
  ])("while %s is written", async (_, shapes) => {
    const tensors = Object.fromEntries(
      shapes.map((shape, i) => [`y${i}`, tensor("bool", shape, new Uint8Array(shape[0] as number))]),
    );
    const { signal } = new AbortController();
    expect(await turnsDuring(async () => writeResponse("row", tensors, { signal }))).toBeGreaterThanOrEqual(60);
  });

  it("after each slice, however many requests are read at once", async () => {
    let steps = 0;
    let most = 0;
    const work = () => {
      let at = 0;
      const step = () => {
        steps++;
        return ++at === 20;
      };
      return finish({ step, at: 0 }, new AbortController().signal);
    };
    const works = Array.from({ length: 8 }, work);
    let going = true;
    const count = () => {
      most = Math.max(most, steps);
      steps = 0;
      if (going) setImmediate(count);
    };
    // The first slice of each came with its request.
    steps = 0;
    setImmediate(count);
    await Promise.all(works);
    going = false;
    expect(most).toBeLessThanOrEqual(2);
  });

  it("and a request that was given up stops", async () => {
    const controller = new AbortController();
    const json = Buffer.from(`[${numbers(size)}]`);
    const elements = createElements(json, "float32");
    const reader = createDenseReader(json, elements);
    reader.begin(0);
    setImmediate(() => controller.abort(new Error("given up")));
    await expect(finish(reader, controller.signal)).rejects.toThrow("given up");
    expect(elements.count()).toBeLessThan(size / 8);
  });
});

describe("slices of one byte", () => {
  it("change nothing in a list", () => {
    const json = Buffer.from("[ [1, 2 ,3],[4,5, 6] ] ");
    const elements = createElements(json, "int64");
    const reader = createDenseReader(json, elements);
    reader.begin(0);
    while (!reader.step(reader.at + 1));
    expect([reader.shape(), [...elements.data()], reader.at]).toEqual([[2, 3], [1n, 2n, 3n, 4n, 5n, 6n], 22]);
  });

  it("change nothing in rows", () => {
    const text = '{"a":[1,[2]],"b":1}'.replace("[1,[2]]", "[1, 2]");
    const json = Buffer.from(`[${text} , {"b":2,"a":[3,4],"a":[[{"x":[]}]] },${text}]`);
    const columns = { a: createColumn(json, "a", "int32"), b: createColumn(json, "b", "int32") };
    const rows = createRowReader(json, 1, true, columns, ["a", "b"]);
    while (!rows.step(rows.at + 1));
    expect(columns.a.tensor()).toEqual(tensor("int32", [3, 2], Int32Array.of(1, 2, 3, 4, 1, 2)));
    expect(columns.b.tensor()).toEqual(tensor("int32", [3], Int32Array.of(1, 2, 1)));
  });
});
