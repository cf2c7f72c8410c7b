import { readFile } from "node:fs/promises";
import { type ServableFactory, strings, tensor } from "salver";
import { describeServable, fakeHost } from "salver/testing";
import { describe, expect, it, test } from "vitest";
import plugin from "../../../../plugins/servables/transform/index.js";
import { openText, run } from "./support/open.js";

const readme = await readFile(new URL("../../../../plugins/servables/transform/README.md", import.meta.url), "utf8");
const example = /```yaml\n(inputs:[\s\S]*?)```/.exec(readme)![1]!;

const tags = (rows: readonly (readonly string[])[]) =>
  strings(
    rows.flatMap((row) => [...row, ...new Array<string>(8 - row.length).fill("")]),
    [rows.length, 8],
  );

const inputs = {
  age: tensor("float32", [2], Float32Array.of(Number.NaN, 51.1)),
  city: strings(["London", "Ulm"]),
  tags: tags([["a", "b"], []]),
  seen: strings(["2024-02-29T06:00:00Z", "2024-03-01"]),
};

describeServable({ describe, test }, "transform", {
  open: () => openText(example),
  cases: [
    { signature: "serving_default", inputs },
    {
      signature: "serving_default",
      inputs: { age: tensor("float32", [0], new Float32Array()), city: strings([]), tags: tags([]), seen: strings([]) },
    },
  ],
  wrong: [
    { signature: "serving_default", inputs: { ...inputs, seen: strings(["2024-02-30", "2024-03-01"]) } },
    { signature: "serving_default", inputs: { ...inputs, city: strings(["London"]) } },
    { signature: "serving_default", inputs: { ...inputs, tags: strings(["a", "b"]) } },
  ],
});

describe("the file in the README", () => {
  it("answers with features", async () => {
    const { features, weekday, tag_ids } = await run(await openText(example), inputs);
    const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));
    expect([...(features!.data as Float32Array)]).toEqual([
      ...close([(37 - 38.2) / 12.9, 0, 1, 0, 1, 0]),
      ...close([1, 0, 0, 1, 0, 1]),
    ]);
    expect(weekday).toMatchObject({ dtype: "int64", shape: [2], data: BigInt64Array.of(3n, 4n) });
    expect((tag_ids!.data as BigInt64Array).slice(8)).toEqual(new BigInt64Array(8));
  });

  it("says which row of which step cannot be", async () => {
    const servable = await openText(example);
    const seen = strings([...new Array<string>(40).fill("2024-01-01"), "soon"]);
    const many = {
      age: tensor("float32", [41], new Float32Array(41)),
      city: strings(new Array<string>(41).fill("Ulm")),
      tags: tags(Array.from({ length: 41 }, () => [])),
      seen,
    };
    await expect(run(servable, many)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'steps[5] (date), row 40: "soon" is no date such as 2024-02-29 or 2024-02-29T12:30:00Z',
    });
  });
});

it("is found by its file, and inspected without being served", async () => {
  const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const { tmpdir } = await import("node:os");
  const path = await mkdtemp(join(tmpdir(), "transform-"));
  const factory = plugin.factories[0] as ServableFactory<{ file: string }>;
  const version = { model: "features", version: 1n, path };
  const signal = new AbortController().signal;
  try {
    expect(await factory.detect!(path)).toBe(false);
    await writeFile(join(path, "transform.yaml"), example);
    expect(await factory.detect!(path)).toBe(true);
    expect(await factory.detect!(join(path, "transform.yaml"))).toBe(true);
    const options = { file: "transform.yaml" };
    expect(await factory.inspect!(fakeHost(), version, options, signal)).toMatchObject({
      signatures: { serving_default: { inputs: { age: { dtype: "float32", shape: [-1] } }, engine: "javascript" } },
      facts: { ops: { concat: 1, date: 1 } },
    });
    const loader = (await factory.create(fakeHost(), { file: "other.yaml" }))(version);
    await expect(loader.load(signal)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "other.yaml is not there, or cannot be read",
    });
  } finally {
    await rm(path, { recursive: true });
  }
});
