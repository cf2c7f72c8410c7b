import { beforeAll, describe, expect, it } from "vitest";
import { rules } from "../../../../plugins/servables/savedmodel/lowering/rules.js";
import { absent } from "./operators/absent.js";
import { type Census, takeCensus } from "./operators/census.js";
import { operatorsDocument } from "./operators/table.js";

const document = new URL("../../../../plugins/servables/savedmodel/OPERATORS.md", import.meta.url);

describe("the list of operators", () => {
  let census: Census;
  beforeAll(() => {
    census = takeCensus();
  }, 60_000);

  it("is the document beside the servable; after a change: npx vitest run test/plugins/servables/savedmodel/operators.test.ts -u", async () => {
    await expect(operatorsDocument(census)).toMatchFileSnapshot(document.pathname);
  });

  it("has 200 operators and more", () => {
    expect(rules.size).toBeGreaterThanOrEqual(200);
  });

  it("holds none without a golden answer of TensorFlow", () => {
    expect([...rules.keys()].filter((op) => !census.reached.has(op))).toEqual([]);
  });

  it("says of none that it does not lower although it does", () => {
    expect(absent.flatMap(({ operators }) => operators).filter((op) => rules.has(op))).toEqual([]);
  });
});
