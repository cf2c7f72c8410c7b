import { mkdir, mkdtemp, readdir, readFile, rm, statfs, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { create as createTar } from "tar";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { official } from "../../../../plugins/runtimes/libtensorflow/download.js";
import { findLibrary, installLibrary } from "../../../../plugins/runtimes/libtensorflow/index.js";
import { libraryNames } from "../../../../plugins/runtimes/libtensorflow/library-files.js";
import { keptName } from "../../../../plugins/runtimes/libtensorflow/unpack.js";
import { libtensorflowForTests } from "../../../support/libtensorflow.js";

const library = await libtensorflowForTests();
const wheel = process.env.SALVER_TEST_TENSORFLOW_WHEEL;
const [main = ""] = libraryNames.main;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "salver-install-"));
  vi.stubEnv("XDG_CACHE_HOME", join(root, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const cached = () => readdir(join(root, "cache", "salver", "libtensorflow"));
const install = async (from: string) => {
  const lines: string[] = [];
  const result = await installLibrary({ from, log: (line) => lines.push(line) }).catch((error: unknown) => error);
  return { result, lines };
};
/** An archive whose library is no library. */
const archive = async (name: string) => {
  await mkdir(join(root, "lib"));
  await writeFile(join(root, "lib", main), "no library");
  await createTar({ gzip: true, file: join(root, name), cwd: root }, ["lib"]);
  return join(root, name);
};

describe("an installation that cannot be", () => {
  afterEach(async () => expect(await cached(), "nothing is left behind").toEqual([]));

  it("of a file that is not there, or of another kind, or without a library", async () => {
    expect((await install(join(root, "none.whl"))).result).toMatchObject({ code: "FAILED_PRECONDITION" });
    await writeFile(join(root, "some.rpm"), "");
    expect((await install(join(root, "some.rpm"))).result).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "some.rpm is neither a wheel (.whl) nor a .tar.gz, a .zip or a folder",
    });
    expect((await install(root)).result).toMatchObject({ message: expect.stringContaining("holds no libtensorflow") });
  });

  it("of a damaged wheel or archive", async () => {
    await writeFile(join(root, "bad.whl"), "PK\u0003\u0004 and so on");
    expect((await install(join(root, "bad.whl"))).result).toMatchObject({ code: "DATA_LOSS" });
    await writeFile(join(root, "bad.tar.gz"), "no gzip");
    expect((await install(join(root, "bad.tar.gz"))).result).toMatchObject({ code: "DATA_LOSS" });
  });

  it.skipIf(main === "")("of a library that does not load on this machine", async () => {
    const { result, lines } = await install(await archive("lib.tar.gz"));
    expect(result).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("does not load on this machine"),
    });
    expect(lines).toContain("unpacking lib.tar.gz");
  });

  it("removes what a killed one has left, once it is a day old", async () => {
    const folder = join(root, "cache", "salver", "libtensorflow");
    const [old, young] = [join(folder, ".partial-old"), join(folder, ".partial-young")];
    for (const path of [old, young]) await mkdir(path, { recursive: true });
    await utimes(old, 0, 0);
    await install(join(root, "none.whl"));
    expect(await cached()).toEqual([".partial-young"]);
    await rm(young, { recursive: true });
  });

  describe("from a URL", () => {
    let server: Server;
    let address: string;
    beforeEach(async () => {
      const body = main === "" ? "" : await readFile(await archive("served.tar.gz"));
      server = createServer((request, response) => {
        if (request.url === "/served.tar.gz") response.end(body);
        else response.writeHead(404).end();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    it.skipIf(main === "")("fetches it, then looks inside as for a file", async () => {
      const { result, lines } = await install(`${address}/served.tar.gz`);
      expect(lines).toContain("unpacking served.tar.gz");
      expect(result).toMatchObject({ message: expect.stringContaining("does not load on this machine") });
    });

    it("that has nothing, or nobody behind it: the error says what to do", async () => {
      const hint = expect.stringContaining("salver tensorflow install --from <file>");
      expect((await install(`${address}/none.tar.gz`)).result).toMatchObject({ code: "NOT_FOUND", message: hint });
      await new Promise((resolve) => server.close(resolve));
      expect((await install(`${address}/served.tar.gz`)).result).toMatchObject({ code: "UNAVAILABLE", message: hint });
    });
  });
});

describe("an installation", () => {
  const skipped = "missing" in library ? ` (skipped: ${library.missing})` : "";

  it.skipIf("missing" in library)(
    `of a folder, over an older one of the same version${skipped}`,
    async (ctx) => {
      if ("missing" in library) return;
      const { bavail, bsize } = await statfs(root);
      if (bavail * bsize < 3e9) ctx.skip("less than 3 GB of room for temporary files");
      const source = join(root, "site", "tensorflow");
      await mkdir(source, { recursive: true });
      for (const file of [library.path, library.framework]) if (file) await symlink(file, join(source, basename(file)));
      const target = join(root, "cache", "salver", "libtensorflow", library.version);
      await mkdir(target, { recursive: true });
      await writeFile(join(target, "old"), "");
      const { result, lines } = await install(join(root, "site"));
      expect(result).toMatchObject({
        version: library.version,
        origin: "Salver's cache",
        path: expect.stringContaining(target),
      });
      expect(await cached()).toEqual([library.version]);
      expect(await readdir(target)).not.toContain("old");
      expect(lines.at(-1)).toContain(library.version);
      // The process has its library for good.
      expect(await findLibrary()).toEqual({ found: library });
    },
    180_000,
  );

  it.skipIf(!wheel)(
    `of a wheel${wheel ? "" : " (skipped: SALVER_TEST_TENSORFLOW_WHEEL names none)"}`,
    async () => {
      const { result } = await install(String(wheel));
      expect(result).toMatchObject({ version: expect.stringMatching(/^2\./), framework: expect.any(String) });
    },
    180_000,
  );
});

describe("what is fetched and kept", () => {
  it("the official archive for the platform, or the way without one", () => {
    expect(official("linux-x64")).toMatch(/^https:\/\/.*\/libtensorflow-cpu-linux-x86_64\.tar\.gz$/);
    expect(() => official("linux-riscv64")).toThrow(/linux-riscv64.*--from/);
  });

  it.skipIf(process.platform !== "linux")("library files under the names they are looked for by", () => {
    expect(keptName("./lib/libtensorflow.so.2.18.0")).toBe("libtensorflow.so.2");
    expect(keptName("tensorflow/libtensorflow_cc.so.2")).toBe("libtensorflow_cc.so.2");
    expect(keptName("lib/libtensorflow_framework.so")).toBe("libtensorflow_framework.so.2");
    for (const other of ["include/tensorflow/c/c_api.h", "libtensorflow.so.1", "libtensorflow_io.so.2", "lib/"]) {
      expect(keptName(other)).toBeUndefined();
    }
  });
});
