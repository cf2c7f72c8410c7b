import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findModel, isOnnx, sizeOf } from "../../../../plugins/servables/onnx/files.js";

let folder: string;
const put = (name: string, size = 10) => writeFile(join(folder, name), new Uint8Array(size));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onnx-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("findModel", () => {
  it("takes a file as it is", async () => {
    await put("anything.bin");
    expect(await findModel(join(folder, "anything.bin"))).toBe(join(folder, "anything.bin"));
  });

  it("takes model.onnx, whatever lies beside it", async () => {
    await put("a.onnx");
    await put("model.onnx");
    expect(await findModel(folder)).toBe(join(folder, "model.onnx"));
  });

  it("takes the only model there is", async () => {
    await put("net.onnx");
    await put("weights.bin");
    await put(".hidden.onnx");
    expect(await findModel(folder)).toBe(join(folder, "net.onnx"));
  });

  it("does not choose between several", async () => {
    await put("b.onnx");
    await put("a.onnx");
    await expect(findModel(folder)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("a.onnx, b.onnx. Call the one to serve model.onnx"),
    });
  });

  it("says what it expected where there is none", async () => {
    await put("weights.bin");
    await expect(findModel(folder)).rejects.toThrow(/no ONNX model in .*: expected model\.onnx/);
    await expect(findModel(join(folder, "gone"))).rejects.toThrow("gone is not there");
  });
});

describe("isOnnx", () => {
  it("knows files and folders", async () => {
    expect(await isOnnx(folder)).toBe(false);
    await put("saved_model.pb");
    expect(await isOnnx(folder)).toBe(false);
    await put("net.onnx");
    expect(await isOnnx(folder)).toBe(true);
    expect(await isOnnx(join(folder, "net.onnx"))).toBe(true);
    expect(await isOnnx(join(folder, "saved_model.pb"))).toBe(false);
    expect(await isOnnx(join(folder, "gone.onnx"))).toBe(false);
  });
});

it("sizeOf counts the model and its external data", async () => {
  await put("model.onnx", 100);
  await put("weights.bin", 2000);
  expect(await sizeOf(folder)).toBe(2100);
  expect(await sizeOf(join(folder, "model.onnx"))).toBe(100);
});
