import { describe, expect, it } from "vitest";
import { invalidArgument, silentLogger } from "../../../../core/index.js";
import { firstProvider, ProviderUnavailable } from "../../../../plugins/runtimes/onnxruntime/providers.js";

const missing = (provider: string) => Promise.reject(new ProviderUnavailable(`${provider}: no library`));

function recorder() {
  const warnings: unknown[] = [];
  return { warnings, log: { ...silentLogger, warn: (fields: object) => warnings.push(fields) } };
}

describe("firstProvider", () => {
  it("takes the first that can be had, and warns of those before it", async () => {
    const { warnings, log } = recorder();
    const got = await firstProvider(["cuda", "webgpu", "cpu"], log, (p) =>
      p === "cpu" ? Promise.resolve(p) : missing(p),
    );
    expect(got).toBe("cpu");
    expect(warnings).toMatchObject([{ provider: "cuda", reason: "cuda: no library" }, { provider: "webgpu" }]);
  });

  it("stops at the first that works", async () => {
    const tried: string[] = [];
    await firstProvider(["webgpu", "cpu"], silentLogger, async (p) => tried.push(p));
    expect(tried).toEqual(["webgpu"]);
  });

  it("says what to install when none can be had", async () => {
    await expect(firstProvider(["cuda", "webgpu"], silentLogger, missing)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/none of .*cuda, webgpu.*cuda: no library; .*cuDNN.*Vulkan.*Add cpu/),
    });
  });

  it("reports the model's own failure as it is", async () => {
    const broken = invalidArgument("model.onnx does not load");
    const open = () => Promise.reject(broken);
    await expect(firstProvider(["cuda", "cpu"], silentLogger, open)).rejects.toBe(broken);
    await expect(firstProvider(["webgpu"], silentLogger, open)).rejects.toBe(broken);
  });
});
