import { afterEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../../core/index.js";
import { defaultOrtOptions, doctor, openSession } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { fixture } from "./models.js";

const ffi = "../../../../plugins/runtimes/onnxruntime/ffi/index.js";
const model = { path: fixture("fixed_shape").path };

function breakFfi() {
  const broken = () => Promise.reject(new Error("no such library"));
  vi.doMock(ffi, () => ({ ffiRuntime: broken, describeFfi: broken, openFfiSession: broken }));
}

afterEach(() => {
  vi.doUnmock(ffi);
});

describe("openSession", () => {
  it("takes ffi where it works", async () => {
    const session = await openSession(model, defaultOrtOptions, silentLogger);
    expect([session.engine, session.provider]).toEqual(["ffi", "cpu"]);
    await session[Symbol.asyncDispose]();
  });

  it("falls back to binding, and logs why", async () => {
    breakFfi();
    const warned: object[] = [];
    const log = { ...silentLogger, warn: (fields: object) => warned.push(fields) };
    const session = await openSession(model, defaultOrtOptions, log);
    expect(session.engine).toBe("binding");
    expect(warned).toEqual([{ reason: "no such library" }]);
    await session[Symbol.asyncDispose]();
  });

  it("does not fall back where ffi was asked for", async () => {
    breakFfi();
    await expect(openSession(model, { ...defaultOrtOptions, engine: "ffi" }, silentLogger)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("no such library"),
    });
  });

  it("does not take a broken model for a broken engine", async () => {
    const broken = { path: fixture("truncated").path };
    const log = { ...silentLogger, warn: () => expect.unreachable("nothing to warn of") };
    await expect(openSession(broken, defaultOrtOptions, log)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("doctor", () => {
  it("finds both engines", async () => {
    const findings = await doctor();
    expect(findings.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(findings[0]?.detail).toMatch(/^onnxruntime 1\.\d+\.\d+, compiled for .*cpu/);
  });

  it("says what is broken and what follows", async () => {
    breakFfi();
    const [finding] = await doctor();
    expect(finding).toEqual({
      subject: "onnxruntime (ffi)",
      status: "broken",
      detail: "no such library. Models run on the binding engine instead",
    });
  });
});
