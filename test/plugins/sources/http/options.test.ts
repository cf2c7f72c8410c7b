import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeHost } from "salver/testing";
import { afterAll, describe, expect, test } from "vitest";
import { checkHttp } from "../../../../plugins/sources/http/check.js";
import { options } from "../../../../plugins/sources/http/options.js";
import { certificates } from "../../../support/certificates.js";
import { publicPem } from "./stage.js";

const folder = mkdtempSync(join(tmpdir(), "salver-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "ca.pem"), certificates.ca);
writeFileSync(join(folder, "key.pem"), publicPem);
writeFileSync(join(folder, "text"), "hello");

const url = "https://models.example.com/ctr/";
const mistakes = (written: Record<string, unknown>) =>
  options.safeParse({ url, ...written }).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ??
  [];

describe("bad URLs are named", () => {
  test.each([
    ["nothing", "", /^url: expected the http\(s\) URL/],
    ["a path", "./models", /^url: expected the http\(s\) URL/],
    ["another kind", "ftp://h/x", /^url: expected the http\(s\) URL/],
    ["a user", "https://me@h/x", /^url: a user and a password do not belong into a URL/],
    ["a password", "https://me:secret@h/x", /headers or token/],
  ])("%s", (_, wrong, message) => {
    expect(mistakes({ url: wrong })[0]).toMatch(message);
  });

  test("of proxies, hosts and headers too", () => {
    expect(mistakes({ proxy: "proxy:3128" })[0]).toMatch(/^proxy: /);
    expect(mistakes({ proxy: "http://me:secret@proxy:3128" })).toEqual([]);
    expect(mistakes({ allow: ["https://cdn"] })[0]).toMatch(/^allow\.0: expected a host/);
    expect(mistakes({ headers: { "a b": "x" } })[0]).toMatch(/^headers/);
    expect(mistakes({ signature: { keys: [] } })[0]).toMatch(/^signature\.keys/);
    expect(mistakes({ uri: "x" })[0]).toMatch(/uri/);
  });
});

describe("what the options name must be there", () => {
  const problems = (written: Record<string, unknown>) =>
    checkHttp(
      options.parse({ url, ...written }),
      fakeHost({ baseDir: folder, place: (path) => `config.yaml:1:1 ${path.join(".")}` }),
    );
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how an option names a secret
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["a variable", { token: "${env:SALVER_NO_SUCH}" }, "token", /SALVER_NO_SUCH of the environment is not set|not set/],
    ["a file", { headers: { "X-Key": "${file:none}" } }, "headers", /^headers\.X-Key cannot be read/],
    ["a header of one line", { headers: { "X-Key": "a\nb" } }, "headers", /headers\.X-Key: a header cannot/],
    ["a key", { signature: { keys: [publicPem, "${file:text}"] } }, "signature", /^signature\.keys\[1\]: .*Ed25519/],
    ["a certificate's file", { ca: "none.pem" }, "ca", /cannot read .*none\.pem/],
    ["a certificate", { ca: "text" }, "ca", /no certificate in PEM form/],
  ])("%s", async (_, written, option, message) => {
    expect(await problems(written)).toEqual([{ option, message: expect.stringMatching(message) }]);
  });

  test("and then nothing is wrong", async () => {
    const signature = { keys: ["${file:key.pem}", publicPem] };
    expect(await problems({ ca: "ca.pem", signature, headers: { "X-Key": "${file:text}" } })).toEqual([]);
    expect(await problems({ ca: certificates.ca })).toEqual([]);
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is how an option names a secret
});
