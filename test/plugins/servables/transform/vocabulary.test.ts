import { strings } from "salver";
import { expect, it } from "vitest";
import { apply, openText, specOf } from "./support/open.js";

/** More than is indexed on the event loop. */
const lines = Array.from({ length: 20_000 }, (_, i) => `token ${i}`);

it("a large vocabulary is indexed in a thread, with the same ids", async () => {
  const files = { "v.txt": lines.join("\n") };
  const asked = strings(["token 19999", "token 0", "token 20000", ""]);
  const { data } = await apply("op: lookup, file: v.txt, oovBuckets: 1", asked, files);
  expect(data).toEqual(BigInt64Array.of(19999n, 0n, 20000n, 20000n));
});

it("and is refused for a token that comes twice, like a small one", async () => {
  const files = { "v.txt": [...lines, "token 7"].join("\r\n") };
  await expect(openText(specOf("x: string", "op: lookup, from: x, to: y, file: v.txt"), files)).rejects.toMatchObject({
    code: "FAILED_PRECONDITION",
    message: expect.stringMatching(
      /steps\[0\]\.file: the token "token 7" comes twice, in v\.txt at line 8 and line 20001$/,
    ),
  });
});
