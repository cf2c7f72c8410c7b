import type { TestRunner } from "salver/testing";

export type Outcome = { readonly law: string; readonly error?: unknown };

/** Runs a kit outside of the real runner, to see which of its laws a subject breaks. */
export async function runKit(kit: (runner: TestRunner) => void): Promise<readonly Outcome[]> {
  const laws: { readonly law: string; readonly body: () => void | Promise<void> }[] = [];
  kit({ describe: (_, body) => body(), test: (law, body) => laws.push({ law, body }) });
  const outcomes: Outcome[] = [];
  for (const { law, body } of laws) {
    try {
      await body();
      outcomes.push({ law });
    } catch (error) {
      outcomes.push({ law, error });
    }
  }
  return outcomes;
}

export const broken = (outcomes: readonly Outcome[]) =>
  outcomes.filter((each) => each.error !== undefined).map((each) => each.law);
