import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";
import { fixture, noTensorflow, open, quickstart, signatureOf, withTensorflow } from "./support.js";

type Model = { readonly title: string; readonly dir: string; readonly golden: string };

const fixtures: Model[] = readdirSync(fixture("savedmodels")).flatMap((name) =>
  readdirSync(fixture(`savedmodels/${name}`))
    .filter((file) => /^golden(\..*)?\.json$/.test(file))
    .map((file) => ({
      title: `${name} ${file}`,
      dir: fixture(`savedmodels/${name}`),
      golden: `savedmodels/${name}/${file}`,
    })),
);
const examples: Model[] = ["half_plus_two", "mnist", "deepfm"].map((name) => ({
  title: name,
  dir: quickstart(`${name}/1`),
  golden: `golden/${name}.json`,
}));

describe.skipIf(noTensorflow)(withTensorflow("answers are TensorFlow's own"), () => {
  it.each([...examples, ...fixtures])("$title", async ({ dir, golden }) => {
    const { signature, cases } = readGolden(golden);
    await using session = await open(dir);
    const { inputs, run } = signatureOf(session, signature);
    for (const { name, error, inputs: given, outputs } of cases) {
      // A value for an input left out is the servable's to give.
      if (Object.keys(given).length < inputs.length) continue;
      if (error) await expect(run(given), name).rejects.toMatchObject({ name: "ServingError" });
      else expect(firstDifference(await run(given), outputs), name).toBeUndefined();
    }
    expect(cases.length).toBeGreaterThan(0);
  });
});
