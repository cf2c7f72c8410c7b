import { describe, expect, test } from "vitest";
import { links, shownUrl } from "../../../../plugins/sources/http/links.js";

const rules = { url: "https://models.example.com/ctr/versions.json", allow: [] as string[], allowPrivate: false };
const refusal = (to: string, more: Partial<typeof rules> = {}) =>
  links({ ...rules, ...more }).refusal(new URL(to)) ?? "allowed";

describe("allowed", () => {
  test.each([
    ["its own host", "https://models.example.com/other/x.tar", {}],
    ["its own port", "http://models:8080/x", { url: "http://models:8080/ctr/" }],
    ["its own host, by now with TLS", "https://models/x", { url: "http://models/ctr/" }],
    ["a host of allow", "https://cdn.example.com/x", { allow: ["cdn.example.com"] }],
    ["a host of allow in other letters", "https://CDN.example.com/x", { allow: ["Cdn.Example.com"] }],
    ["a port of allow", "https://cdn.example.com:8443/x", { allow: ["cdn.example.com:8443"] }],
    ["a default port of allow", "https://cdn.example.com/x", { allow: ["cdn.example.com:443"] }],
    ["a host below one of allow", "https://eu.cdn.example.com/x", { allow: ["*.example.com"] }],
    ["a private host of allow, with allowPrivate", "https://10.0.0.1/x", { allow: ["10.0.0.1"], allowPrivate: true }],
    ["a private host of allow, from another", "http://10.0.0.2/", { url: "http://10.0.0.1/", allow: ["10.0.0.2"] }],
  ])("%s", (_, to, more) => {
    expect(refusal(to, more)).toBe("allowed");
  });
});

describe("refused", () => {
  test.each([
    [
      "another host",
      "https://cdn.example.com/x",
      {},
      /another host than models\.example\.com; .*"cdn\.example\.com" into/,
    ],
    ["a host below", "https://x.models.example.com/", {}, /another host/],
    ["a host that only ends alike", "https://notexample.com/", { allow: ["*.example.com"] }, /another host/],
    ["the host itself of a pattern", "https://example.com/", { allow: ["*.example.com"] }, /another host/],
    ["another port", "https://models.example.com:8443/", {}, /another host/],
    ["another port of its own address", "http://127.0.0.1:6379/", { url: "http://127.0.0.1:80/" }, /another host/],
    ["another port of allow", "https://cdn.example.com:8443/", { allow: ["cdn.example.com"] }, /another host/],
    ["no TLS any more", "http://models.example.com/", {}, /from https to http/],
    ["no TLS, of allow", "http://cdn.example.com/", { allow: ["cdn.example.com"] }, /from https to http/],
    ["a user", "https://me@models.example.com/", {}, /a user/],
    ["a password", "https://:x@models.example.com/", {}, /a user/],
    ["a file", "file:///etc/passwd", {}, /"file:"/],
    ["data", "data:text/plain,x", {}, /"data:"/],
    ["loopback", "https://127.0.0.1/", { allow: ["127.0.0.1"] }, /loopback.*allowPrivate/],
    ["the metadata address", "https://169.254.169.254/", { allow: ["169.254.169.254"] }, /allowPrivate/],
    ["loopback in six", "https://[::1]/", { allow: ["[::1]"] }, /allowPrivate/],
    ["localhost", "https://localhost/", { allow: ["localhost"] }, /allowPrivate/],
  ])("%s", (_, to, more, why) => {
    expect(refusal(to, more)).toMatch(why);
  });
});

test("headers go to the very origin only", () => {
  const { isOwn } = links({ ...rules, url: "http://models/ctr/" });
  expect(isOwn(new URL("http://models/x"))).toBe(true);
  expect(isOwn(new URL("https://models/x"))).toBe(false);
  expect(isOwn(new URL("http://models:81/x"))).toBe(false);
});

test("where a URL leads is shown, a query and a user are not", () => {
  expect(shownUrl(new URL("file:///etc/passwd"))).toBe("file:///etc/passwd");
  expect(shownUrl(new URL("data:text/plain,x"))).toBe("data:text/plain,x");
  expect(shownUrl(new URL("https://me:secret@h:81/a"))).toBe("https://h:81/a");
  expect(shownUrl(new URL("https://h/a?token=secret#x"))).toBe("https://h/a?…");
});
