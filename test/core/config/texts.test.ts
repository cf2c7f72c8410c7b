import {
  createTexts,
  isConfigError,
  isUrl,
  loadConfig,
  notFound,
  type Plugin,
  shownUrl,
  type TextReader,
  unavailable,
} from "salver";
import { expect, test } from "vitest";

type Read = { readonly href: string; readonly etag: string | undefined };

/** A plugin that reads `mem://` from a map, by ETags, and what it was asked. */
function memory(contents: Map<string, string>) {
  const reads: Read[] = [];
  const reader: TextReader = {
    schemes: ["mem", "memory"],
    async read({ href }, etag) {
      reads.push({ href, etag });
      const text = contents.get(href);
      if (text === undefined) throw notFound(`there is no ${href}`);
      return etag === text ? undefined : { text, etag: text };
    },
  };
  const plugin: Plugin = { name: "memory", factories: [], texts: [reader] };
  return { reads, texts: createTexts([plugin]) };
}

test("what is unchanged by its ETag is known from before, each place by itself", async () => {
  const contents = new Map([["mem://a/x", "one"]]).set("mem://a/y", "other");
  const { texts, reads } = memory(contents);
  expect(await texts.read("mem://a/x")).toBe("one");
  expect(await texts.read("mem://a/y")).toBe("other");
  expect(await texts.read("mem://a/x")).toBe("one");
  contents.set("mem://a/x", "two");
  expect(await texts.read("mem://a/x")).toBe("two");
  expect(reads.map(({ etag }) => etag)).toEqual([undefined, undefined, "one", "one"]);
});

test("a place that nobody reads is refused with what is read", async () => {
  const { texts } = memory(new Map());
  await expect(texts.read("gs://user:word@a/x?key=secret")).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: "gs://a/x: nothing reads gs:// (what is read: mem://, memory://)",
  });
  await expect(createTexts([]).read("s3://a/x")).rejects.toThrow("what is read: none");
  await expect(texts.read("http://")).rejects.toThrow(/no URL/);
});

test("a config that its place does not give now is not wrong for that", async () => {
  const read = async () => {
    throw unavailable("cannot get mem://h/x.yaml: connection refused");
  };
  const texts = createTexts([{ name: "away", factories: [], texts: [{ schemes: ["mem"], read }] }]);
  const error = await loadConfig("mem://h/x.yaml?key=secret", texts).catch((thrown: unknown) => thrown);
  expect(isConfigError(error)).toBe(false);
  expect(error).toMatchObject({
    code: "UNAVAILABLE",
    message: "mem://h/x.yaml: cannot read the config: cannot get mem://h/x.yaml: connection refused",
  });
});

test("what is no URL is a path", () => {
  expect(["s3://a/b", "HTTPS://a", "git+ssh://a"].every(isUrl)).toBe(true);
  expect(["models.yaml", "C:\\models", "C:/models", "/s3://a", "./a://b", "a:b"].some(isUrl)).toBe(false);
});

test("secrets of an URL are not shown", () => {
  expect(shownUrl("https://ann:word@h.example:8443/a/b.yaml?signature=x#y")).toBe("https://h.example:8443/a/b.yaml");
  expect(shownUrl("http://ann:word@?signature=x")).toBe("http://");
});

test("a config from elsewhere is read with its positions; its paths are relative to the working folder", async () => {
  const { texts } = memory(new Map([["mem://h/salver.yaml?key=secret", "models:\n  m: {}\n"]]));
  const loaded = await loadConfig("mem://h/salver.yaml?key=secret", texts);
  expect(loaded).toMatchObject({ raw: { models: { m: {} } }, file: "mem://h/salver.yaml", baseDir: process.cwd() });
  expect(loaded.locate(["models", "m"], true)).toEqual({ line: 2, column: 3 });
});

test.each([
  ["mem://h/none.yaml", "mem://h/none.yaml: cannot read the config: there is no mem://h/none.yaml"],
  ["mem://h/bad.json", /^mem:\/\/h\/bad.json:1:3/],
  ["mem://h/salver.conf", "mem://h/salver.conf: a config from another machine ends in .yaml, .yml, .json"],
  ["gs://h/salver.yaml", /nothing reads gs:/],
])("%s fails with what, where and why", async (url, message) => {
  const { texts } = memory(new Map([["mem://h/bad.json", "{ ] }"]]));
  await expect(loadConfig(url, texts)).rejects.toThrow(message);
});

test.each(["ts", "js", "mjs"])("a program is neither run nor even fetched: .%s", async (end) => {
  const { texts, reads } = memory(new Map([[`mem://h/salver.config.${end}`, "throw 1"]]));
  await expect(loadConfig(`mem://h/salver.config.${end}`, texts)).rejects.toThrow(/only run from this machine/);
  expect(reads).toEqual([]);
});
