import { describe, expect, it } from "vitest";
import { configProto } from "../../../../plugins/runtimes/libtensorflow/config-proto.js";
import type { TfSessionOptions } from "../../../../plugins/runtimes/libtensorflow/index.js";

describe("ConfigProto", () => {
  it.each<[TfSessionOptions, string]>([
    [{}, ""],
    [{ tags: ["serve"] }, ""],
    [{ intraOpThreads: 1 }, "1001"],
    [{ intraOpThreads: 300, interOpThreads: 8 }, "10ac0228084801"],
    [{ gpuMemoryFraction: 0.25, gpuAllowGrowth: true }, "320b09000000000000d03f2001"],
    [{ gpuAllowGrowth: true }, "32022001"],
    [{ intraOpThreads: 2, gpuMemoryFraction: 0.5 }, "1002320909000000000000e03f"],
  ])("%j gives the bytes that TensorFlow itself writes: %s", (options, bytes) => {
    expect(Buffer.from(configProto(options)).toString("hex")).toBe(bytes);
  });

  it("an explicit false is written, since it may differ from TensorFlow's default", () => {
    expect(Buffer.from(configProto({ gpuAllowGrowth: false })).toString("hex")).toBe("32022000");
  });
});
