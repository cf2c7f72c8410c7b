import { describe, expect, it } from "vitest";
import rest from "../../../../plugins/transports/rest/index.js";

describe("the plugin", () => {
  it("has one transport, whose example is its defaults", () => {
    expect(rest.factories.map(({ kind, type }) => [kind, type])).toEqual([["transport", "rest"]]);
    const { options, example } = rest.factories[0] as (typeof rest.factories)[number];
    const defaults = {
      port: 8501,
      host: "0.0.0.0",
      maxBodySize: 64e6,
      timeout: 30_000,
      engine: "http1",
      cors: false,
      metricsPath: "/monitoring/prometheus/metrics",
    };
    expect(options.parse({})).toEqual(defaults);
    expect(options.parse(example)).toEqual(defaults);
  });

  it.each([
    { port: 70_000 },
    { port: "8501" },
    { maxBodySize: 64 },
    { timeout: "soon" },
    { unknown: 1 },
    { engine: "http2" },
    { metricsPath: "metrics" },
    { metricsPath: "/:any" },
    { metricsPath: true },
  ])("%o is refused", (given) => {
    expect(rest.factories[0]?.options.safeParse(given).success).toBe(false);
  });
});
