import { readFileSync } from "node:fs";
import { allocate, type DType, type Tensor, type Tensors, tensor } from "salver";
import { assertSameTensors } from "salver/testing";
import { describe, expect, it } from "vitest";
import { ops } from "../../../../plugins/servables/transform/ops/all.js";
import { openText, run, specOf } from "./support/open.js";

type Encoded = { readonly dtype: DType; readonly shape: readonly number[]; readonly data: readonly string[] };
type Case = {
  readonly source: string;
  readonly step: string;
  readonly inputs: Readonly<Record<string, Encoded>>;
  readonly outputs: Readonly<Record<string, Encoded>>;
  readonly tolerance?: number;
  readonly files?: Readonly<Record<string, string>>;
};

const cases = JSON.parse(readFileSync(new URL("golden/golden.json", import.meta.url), "utf8")) as readonly Case[];

const numbers: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };

function decoded({ dtype, shape, data }: Encoded): Tensor {
  if (dtype === "string")
    return tensor(
      dtype,
      shape,
      data.map((item) => Buffer.from(item, "base64")),
    );
  const values = allocate(dtype, data.length);
  for (const [i, text] of data.entries()) {
    values[i] = dtype === "int64" ? BigInt(text) : (numbers[text] ?? Number(text));
  }
  return { dtype, shape, data: values } as Tensor;
}

const all = (tensors: Case["inputs"]): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, decoded(each)]));

/** Float32 steps round after each of their operations, which the reference does not always do in the same places. */
const TOLERANCE = 2e-6;

/** Differences of pixels are absolute: all but `tolerance` of 255 must agree. */
function assertPixels(got: Tensors, wanted: Tensors, tolerance: number): void {
  for (const [name, { data, shape }] of Object.entries(wanted)) {
    expect(got[name]?.shape).toEqual(shape);
    const most = (data as Float32Array).reduce(
      (far, value, i) => Math.max(far, Math.abs(value - Number(got[name]!.data[i]))),
      0,
    );
    expect(most).toBeLessThanOrEqual(tolerance);
  }
}

describe.each(cases.map((each, i) => ({ ...each, i })))(
  "$i: $step",
  ({ source, step, inputs, outputs, tolerance, files = {} }) => {
    it(`equals ${source}`, async () => {
      const declared = Object.entries(inputs).map(
        ([name, { dtype, shape }]) => `${name}: { dtype: ${dtype}, shape: [${[-1, ...shape.slice(1)]}] }`,
      );
      const names = (of: object) => `[${Object.keys(of).join(", ")}]`;
      const spec = specOf(declared.join(", "), `from: ${names(inputs)}, to: ${names(outputs)}, ${step}`);
      const beside = Object.fromEntries(
        Object.entries(files).map(([name, data]) => [name, Buffer.from(data, "base64")]),
      );
      await using servable = await openText(spec, beside);
      const got = await run(servable, all(inputs));
      if (tolerance) assertPixels(got, all(outputs), tolerance);
      else assertSameTensors(got, all(outputs), TOLERANCE);
    });
  },
);

it("every op has golden values", () => {
  const covered = new Set(cases.map(({ step }) => /^op: ([\w-]+)/.exec(step)?.[1]));
  expect([...ops.keys()].filter((name) => !covered.has(name))).toEqual([]);
});
