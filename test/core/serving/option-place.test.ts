import { createServer, definePlugin, source } from "salver";
import { expect, test } from "vitest";
import { z } from "zod";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin } from "../../support/core-fakes.js";

test("a source tells where its own options stand", async () => {
  let told: string | undefined;
  const plugin = definePlugin({
    name: "telling",
    factories: [
      source({
        type: "telling",
        description: "For tests.",
        options: z.strictObject({ credentials: z.strictObject({ key: z.string() }) }),
        example: { credentials: { key: "k" } },
        create: (host) => {
          told = host.place(["credentials", "key"]);
          return { watch: async function* () {}, [Symbol.asyncDispose]: async () => {} };
        },
      }),
    ],
  });
  const config = {
    raw: {
      models: { ctr: { source: { type: "telling", credentials: { key: "k" } }, servable: "fake" } },
      transports: [],
    },
    file: "folder/a.yaml",
    baseDir: "/",
    locate: (path: readonly (string | number)[]) => ({ line: 7, column: path.length }),
  };
  const server = await createServer(config, { plugins: [plugin, fakePlugin().plugin, availability] });
  await server.start();
  await server.stop();
  expect(told).toBe("a.yaml:7:5 models.ctr.source.credentials.key");
});
