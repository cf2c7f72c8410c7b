import { packageFinding } from "salver";
import { expect, test } from "vitest";

const about = { name: "feather", gives: "light", install: "npm install feather" };
const missing = Object.assign(new Error("Cannot find package 'feather'"), { code: "ERR_MODULE_NOT_FOUND" });

test.each([
  ["ok", () => ({}), "light: ready"],
  ["absent", () => Promise.reject(missing), "not installed; for light: npm install feather"],
  [
    "broken",
    () => {
      throw new Error("wrong ELF class\nat load");
    },
    "wrong ELF class. Nothing but light needs it; again: npm install feather",
  ],
] as const)("a package is %s", async (status, load, detail) => {
  expect(await packageFinding({ ...about, load })).toEqual({ subject: "feather", status, detail });
});

test.each([
  ["embedding", "usearch"],
  ["vocabulary", "@huggingface/tokenizers"],
  ["transform", "sharp"],
  ["tfjs", "@tensorflow/tfjs-backend-wasm"],
])("the plugin %s tells of %s", async (plugin, subject) => {
  const { default: found } = await import(`../../plugins/servables/${plugin}/index.ts`);
  const findings = await found.doctor();
  expect(findings).toContainEqual(expect.objectContaining({ subject, status: "ok" }));
});
