import { expect, it } from "vitest";
import { z } from "zod";
import { ops } from "../../../../plugins/servables/transform/ops/all.js";
import { opPage } from "./support/op-page.js";

it("OPS.md says what the schemas say", async () => {
  await expect(opPage()).toMatchFileSnapshot("../../../../plugins/servables/transform/OPS.md");
});

it.each([...ops.values()])(
  "$name says what it does, what it is, and what its options are",
  ({ about, takes, gives, options, fitting }) => {
    expect(about).toMatch(/^\S.*\.$/);
    expect(takes).toMatch(/\w/);
    expect(gives).toMatch(/\w/);
    const { properties = {}, additionalProperties } = z.toJSONSchema(options, { io: "input", unrepresentable: "any" });
    expect(additionalProperties).toBe(false);
    for (const option of Object.values(properties))
      expect(option).toMatchObject({ description: expect.stringMatching(/\.$/) });
    for (const option of fitting?.options ?? []) {
      expect(properties[option]).toMatchObject({ description: expect.stringMatching(/^Fitted: /) });
    }
  },
);
