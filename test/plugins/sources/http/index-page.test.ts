import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHtmlIndex, readJsonIndex } from "../../../../plugins/sources/http/index-page.js";

const page = new URL("https://h/models/ctr/");
const html = (text: string) =>
  readHtmlIndex(text, page).map(({ name, isFolder, url }) => [name, isFolder ? "folder" : "file", url.href]);

test("nginx's index", () => {
  const text = `<html>\r
<head><title>Index of /models/ctr/</title></head>\r
<body>\r
<h1>Index of /models/ctr/</h1><hr><pre><a href="../">../</a>\r
<a href="3/">3/</a>                                                 23-Nov-2026 10:20                   -\r
<a href="a%20%26%20b.bin">a &amp; b.bin</a>                        23-Nov-2026 10:20                  12\r
<a href="model_with_a_name_that_is_too_long_for_the_list_of_nginx.tar.gz">model_with_a_name_that_is_too_long_for_the_lis..&gt;</a> 23-Nov-2026 10:20 1\r
</pre><hr></body>\r
</html>`;
  expect(html(text)).toEqual([
    ["3", "folder", "https://h/models/ctr/3/"],
    ["a & b.bin", "file", "https://h/models/ctr/a%20%26%20b.bin"],
    [
      "model_with_a_name_that_is_too_long_for_the_list_of_nginx.tar.gz",
      "file",
      "https://h/models/ctr/model_with_a_name_that_is_too_long_for_the_list_of_nginx.tar.gz",
    ],
  ]);
});

test("Apache's index, fancy and plain", () => {
  const fancy = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of /models/ctr</title></head><body><h1>Index of /models/ctr</h1>
  <table><tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="/models/">Parent Directory</a></td><td>&nbsp;</td></tr>
<tr><td valign="top"><img src="/icons/folder.gif" alt="[DIR]"></td><td><a href="4/">4/</a></td><td align="right">2026-11-23 10:20  </td><td align="right">  - </td></tr>
<tr><td valign="top"><img src="/icons/compressed.gif" alt="[   ]"></td><td><a href="5.zip">5.zip</a></td><td align="right">2026-11-23 10:20  </td><td align="right">1.2K</td></tr>
</table><address>Apache/2.4 Server at h Port 443</address></body></html>`;
  const found = [
    ["4", "folder", "https://h/models/ctr/4/"],
    ["5.zip", "file", "https://h/models/ctr/5.zip"],
  ];
  expect(html(fancy)).toEqual(found);
  expect(
    html(`<ul><li><a href="/models/"> Parent Directory</a></li><li><A HREF='4/'>4/</a><li><a href=5.zip>`),
  ).toEqual(found);
});

test("nginx's index in JSON", () => {
  const json = [
    { name: "3", type: "directory", mtime: "Mon, 23 Nov 2026 10:20:00 GMT" },
    { name: "a b?.bin", type: "file", mtime: "Mon, 23 Nov 2026 10:20:00 GMT", size: 12 },
  ];
  expect(readJsonIndex(json, page).map(({ name, isFolder, url }) => [name, isFolder, url.href])).toEqual([
    ["3", true, "https://h/models/ctr/3/"],
    ["a b?.bin", false, "https://h/models/ctr/a%20b%3F.bin"],
  ]);
  for (const wrong of [
    {},
    [{}],
    [null],
    [{ name: "a" }],
    [{ name: 1, type: "file" }],
    [{ name: "..", type: "directory" }],
  ]) {
    expect(() => readJsonIndex(wrong, page)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});

describe("no link leads out of the folder", () => {
  test.each([
    "../",
    "/",
    "/models/",
    "/models/ctr",
    "./",
    "https://other/models/ctr/3/",
    "//other/models/ctr/3/",
    "http://h/models/ctr/3/",
    "../ctr2/3",
    "%2e%2e/",
    "a%2fb",
    "a%2Fb/",
    "a/b",
    "3/?x=1",
    "3/#top",
    "javascript:alert(1)",
    "%ff",
    "",
  ])("%s", (target) => {
    expect(html(`<a href="${target}">x</a>`)).toEqual([]);
  });

  test("whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.webPath(), fc.string({ unit: "binary" })), (target) => {
        for (const { url, name } of readHtmlIndex(`<a href="${target}">`, page)) {
          expect(url.href.startsWith(page.href)).toBe(true);
          expect(name).not.toMatch(/\/|^\.\.?$/);
        }
      }),
    );
  });
});

test("entities in links are decoded", () => {
  expect(html(`<a href="a&amp;b&#39;c&#x64;">`)).toEqual([["a&b'cd", "file", "https://h/models/ctr/a&b'cd"]]);
  expect(html(`<a href="a&unknown;">`)).toEqual([["a&unknown;", "file", "https://h/models/ctr/a&unknown;"]]);
});

test("a page that was made to be slow is not", () => {
  const pages = ["<a ".repeat(1e6), `<a ${" href".repeat(8e5)}`, `<a href=${" ".repeat(4e6)}`, '<a href="'.repeat(4e5)];
  for (const text of pages) expect(readHtmlIndex(text, page).length).toBeLessThan(2);
});
