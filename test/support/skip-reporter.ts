import type { Reporter, TestModule } from "vitest/node";

/** Says at the end which tests were skipped, and why: nothing is left out in silence. */
export const skipReporter: Reporter = {
  onTestRunEnd: (modules) => {
    const reasons = new Map<string, number>();
    for (const reason of modules.flatMap(reasonsOf)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (reasons.size === 0) return;
    console.log("\nSkipped:");
    for (const [reason, count] of reasons) console.log(`  ${count} x ${reason}`);
  },
};

function reasonsOf(module: TestModule): string[] {
  return [...module.children.allTests("skipped")].map((test) => {
    const result = test.result();
    const note = result?.state === "skipped" ? result.note : undefined;
    // Suites that are skipped whole say why in their titles.
    const titled = /\(skipped: (.*?)\)/.exec(test.fullName)?.[1];
    return `${module.relativeModuleId}: ${note ?? titled ?? test.fullName}`;
  });
}
