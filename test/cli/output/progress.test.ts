import { describe, expect, it } from "vitest";
import { progressDisplay } from "../../../cli/output/progress.js";

const sinkOf = (isTTY: boolean) => {
  const written: string[] = [];
  return { written, sink: { isTTY, write: (text: string) => written.push(text) } };
};

describe("progress", () => {
  it("is one line that is redrawn now and then on a terminal, and goes away", () => {
    const { written, sink } = sinkOf(true);
    let now = 0;
    const display = progressDisplay(sink, () => now);
    for (const share of [0, 0.1, 0.2, 0.5]) {
      display.show("pass 1", share);
      now += 40;
    }
    display.show("pass 1", 1);
    display.done();
    expect(written.map((text) => text.replaceAll("\r\x1b[2K", "<"))).toEqual([
      `<pass 1 ${"░".repeat(30)} 0 %`,
      `<pass 1 ${"█".repeat(15)}${"░".repeat(15)} 50 %`,
      `<pass 1 ${"█".repeat(30)} 100 %`,
      "<",
    ]);
  });

  it("is a line at each quarter elsewhere", () => {
    const { written, sink } = sinkOf(false);
    const display = progressDisplay(sink);
    for (const share of [0, 0.1, 0.3, 0.4, 0.99, 1]) display.show("pass 1", share);
    display.done();
    expect(written).toEqual(["0", "25", "75", "100"].map((part) => `pass 1: ${part} %\n`));
  });
});
