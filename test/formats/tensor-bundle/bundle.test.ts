import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { elementCount, layouts, type NumericDType } from "../../../core/index.js";
import { openBundle } from "../../../formats/tensor-bundle/bundle.js";
import {
  BundleEntryProtoSchema,
  BundleHeaderProtoSchema,
} from "../../../protos/gen/tensorflow/core/protobuf/tensor_bundle_pb.js";
import { writeTable } from "./bundle/table-writer.js";

type Golden = {
  readonly dtype: string;
  readonly shape: number[];
  readonly bytes?: string;
  readonly items?: string[];
};
const prefix = fileURLToPath(new URL("bundle/all", import.meta.url));
const golden = JSON.parse(readFileSync(new URL("bundle/golden.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
>;

describe("a bundle written by TensorFlow", () => {
  const bundle = openBundle(prefix);

  it("lists its keys", () => {
    expect([...bundle.keys].sort()).toEqual(Object.keys(golden).sort());
  });

  for (const [key, { dtype, shape, bytes, items }] of Object.entries(golden)) {
    it(`gives ${key} as it was`, () => {
      expect(bundle.describe(key)).toEqual({ dtype, shape });
      if (items) {
        expect(bundle.strings(key).map((item) => Buffer.from(item).toString("base64"))).toEqual(items);
        return;
      }
      const target = new Uint8Array(elementCount(shape) * layouts[dtype as NumericDType].bytes);
      bundle.fill(key, target);
      expect(Buffer.from(target).toString("base64")).toBe(bytes);
    });
  }
});

describe("a damaged bundle", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "bundle-"));
    for (const file of ["all.index", "all.data-00000-of-00001"]) {
      copyFileSync(fileURLToPath(new URL(`bundle/${file}`, import.meta.url)), join(dir, file));
    }
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const data = () => join(dir, "all.data-00000-of-00001");
  const readAll = () => {
    const bundle = openBundle(join(dir, "all"));
    try {
      for (const [key, { dtype, shape, items }] of Object.entries(golden)) {
        if (items) bundle.strings(key);
        else bundle.fill(key, new Uint8Array(elementCount(shape) * layouts[dtype as NumericDType].bytes));
      }
    } finally {
      bundle.close();
    }
  };

  it("is refused wherever one byte of its data is wrong", () => {
    const whole = readFileSync(data());
    for (let at = 0; at < whole.length; at += 7) {
      const wrong = Buffer.from(whole);
      wrong[at]! ^= 0x10;
      writeFileSync(data(), wrong);
      expect(readAll, `byte ${at}`).toThrow(expect.objectContaining({ code: "DATA_LOSS" }));
    }
  });

  it("is refused when its data end early, by the name of the file and the variable", () => {
    truncateSync(data(), readFileSync(data()).length - 1);
    expect(readAll).toThrow(/all\.data-00000-of-00001 was cut short: the variable ".+" takes bytes \d+ to \d+/);
  });

  it("is refused when a shard is missing", () => {
    rmSync(data());
    expect(readAll).toThrow(/all\.data-00000-of-00001, which holds the variable ".+", is missing/);
  });

  it("names a key that is not there", () => {
    const bundle = openBundle(join(dir, "all"));
    expect(() => bundle.describe("nobody")).toThrow(/all\.index has no entry "nobody"/);
    bundle.close();
  });

  const forge = (entry: Parameters<typeof create<typeof BundleEntryProtoSchema>>[1]) => {
    const header = toBinary(BundleHeaderProtoSchema, create(BundleHeaderProtoSchema, { numShards: 1 }));
    const body = toBinary(BundleEntryProtoSchema, create(BundleEntryProtoSchema, entry));
    const table = writeTable([
      [Buffer.alloc(0), Buffer.from(header)],
      [Buffer.from("v"), Buffer.from(body)],
    ]);
    writeFileSync(join(dir, "all.index"), table);
    return openBundle(join(dir, "all"));
  };
  const dim = (...sizes: bigint[]) => ({ dim: sizes.map((size) => ({ size })) });

  it("is refused when it declares a shape that no memory holds, before any is taken", () => {
    expect(() => forge({ dtype: 1, shape: dim(2n ** 40n, 2n ** 40n) }).describe("v")).toThrow(/declares the shape/);
    expect(() => forge({ dtype: 1, shape: dim(-5n) }).describe("v")).toThrow(/declares the shape/);
  });

  it("is refused when it announces more strings than it has bytes", () => {
    const bundle = forge({ dtype: 7, shape: dim(2n ** 50n), size: 10n });
    expect(() => bundle.strings("v")).toThrow(/10 bytes cannot hold 1125899906842624 strings/);
  });

  it("is refused when a tensor would end after its file, before memory is taken for it", () => {
    const bundle = forge({ dtype: 7, shape: dim(1n), size: 2n ** 45n });
    expect(() => bundle.strings("v")).toThrow(/was cut short: the variable "v" takes bytes 0 to 35184372088832/);
  });
});
