import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { libraryNames } from "../../../../plugins/runtimes/libtensorflow/library-files.js";
import { type Place, places } from "../../../../plugins/runtimes/libtensorflow/places.js";

const [main = ""] = libraryNames.main;
const [framework] = libraryNames.framework;

describe.skipIf(main === "")("where libtensorflow is looked for", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "salver-places-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const put = async (folder: string, ...names: (string | undefined)[]) => {
    await mkdir(join(root, folder), { recursive: true });
    for (const name of names) if (name) await writeFile(join(root, folder, name), "");
    return join(root, folder);
  };
  /** Nothing but what the test has put there is seen. */
  const all = async (env: NodeJS.ProcessEnv = {}) => {
    const found: Place[] = [];
    const nothing = { XDG_CACHE_HOME: join(root, "cache"), PATH: join(root, "bin") };
    for await (const place of places({ ...nothing, ...env }, root)) found.push(place);
    return found;
  };
  const hits = (found: Place[]) => found.filter((place) => "files" in place);

  it("LIBTENSORFLOW_PATH is the only place when set: a folder, a file, or neither", async () => {
    const folder = await put("mine", main, framework);
    const files = { path: join(folder, main), ...(framework ? { framework: join(folder, framework) } : {}) };
    expect(await all({ LIBTENSORFLOW_PATH: folder })).toMatchObject([{ origin: "LIBTENSORFLOW_PATH", files }]);
    expect(await all({ LIBTENSORFLOW_PATH: join(folder, main) })).toMatchObject([{ files }]);
    expect(await all({ LIBTENSORFLOW_PATH: join(root, "no") })).toMatchObject([{ result: "no such file or folder" }]);
    expect(await all({ LIBTENSORFLOW_PATH: root })).toMatchObject([{ result: expect.stringContaining(main) }]);
  });

  it("the npm packages, the GPU one first, then the cache's newest version", async () => {
    for (const name of ["tfjs-node", "tfjs-node-gpu"]) {
      const folder = await put(`node_modules/@tensorflow/${name}/deps/lib`, main, framework);
      await writeFile(join(folder, "..", "..", "package.json"), "{}");
    }
    await put("cache/salver/libtensorflow/2.9.1", main);
    await put("cache/salver/libtensorflow/2.18.0", main);
    await put("cache/salver/libtensorflow/2.99.0");
    const origins = hits(await all()).map(({ origin }) => origin);
    expect(origins.slice(0, 4)).toEqual([
      "@tensorflow/tfjs-node-gpu",
      "@tensorflow/tfjs-node",
      "Salver's cache",
      "Salver's cache",
    ]);
    const cached = (await all()).filter(({ origin }) => origin === "Salver's cache");
    expect(cached.map(({ place }) => place.split(/[\\/]/).at(-1))).toEqual(["2.99.0", "2.18.0", "2.9.1"]);
    expect(cached[0]).toHaveProperty("result");
  });

  it("folders that the linker is told of", async () => {
    const folder = await put("linked", main);
    const name = { linux: "LD_LIBRARY_PATH", darwin: "DYLD_LIBRARY_PATH" }[process.platform as string] ?? "PATH";
    expect(hits(await all({ [name]: folder })).at(0)).toMatchObject({
      origin: "the system's libraries",
      files: { path: join(folder, main) },
    });
  });

  it("every place has its result", async () => {
    const found = await all();
    const origins = new Set(found.map(({ origin }) => origin));
    expect([...origins]).toEqual([
      "LIBTENSORFLOW_PATH",
      "@tensorflow/tfjs-node-gpu",
      "@tensorflow/tfjs-node",
      "Salver's cache",
      "Python's tensorflow",
      "the system's libraries",
    ]);
    for (const place of found) if ("result" in place) expect(place.result).not.toBe("");
  });

  it.skipIf(process.platform === "win32")("Python's package, through the interpreter that is named", async () => {
    const folder = await put("site/tensorflow", main, framework);
    await put("bin");
    const python = join(root, "bin", "some-python");
    await writeFile(python, `#!/bin/sh\necho ${folder}\n`);
    await chmod(python, 0o755);
    expect(hits(await all({ SALVER_PYTHON: python })).at(0)).toMatchObject({
      origin: "Python's tensorflow",
      files: { path: join(folder, main) },
    });
    await writeFile(python, "#!/bin/sh\nexit 3\n");
    expect(await all({ SALVER_PYTHON: python })).toContainEqual(
      expect.objectContaining({ place: `Python's tensorflow: ${python}`, result: "did not answer" }),
    );
    expect(await all({ SALVER_PYTHON: join(root, "nothing") })).toContainEqual(
      expect.objectContaining({ result: "no such program" }),
    );
  });
});
