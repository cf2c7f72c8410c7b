import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fillIn } from "../../../../../plugins/servables/transform/fit/fill-in.js";

const text = `# head
inputs: { a: float32 }   # in

steps:
  # flow
  - { op: standardize, from: a, to: b }   # behind
  - op: bucketize # block
    from: b
    to:
      - c

  - { op: impute,
      from: a, strategy: mean,   # within
      to: d }
  -   to: e
      op: min-max
      from: a
      min: [1,
            2]
      max:
        - 3
        - 4
# tail
outputs: [c]`;

const stepsOf = (yaml: string) => (parse(yaml) as { steps: Record<string, unknown>[] }).steps;

describe("filling values in", () => {
  it("changes those values and nothing else", () => {
    const filled = fillIn(text, [
      { step: 0, values: { mean: 1.5, std: [2, 3] } },
      { step: 1, values: { boundaries: [-1, 0.5] } },
      { step: 2, values: { value: 'a "b"\n' } },
      { step: 3, values: { min: [5, 6], max: [7, 8] } },
    ]);
    const steps = stepsOf(text);
    expect(stepsOf(filled)).toEqual([
      { ...steps[0], mean: 1.5, std: [2, 3] },
      { ...steps[1], boundaries: [-1, 0.5] },
      { ...steps[2], value: 'a "b"\n' },
      { ...steps[3], min: [5, 6], max: [7, 8] },
    ]);
    const kept = ["# head", "# in", "# flow", "  # behind", "# block", "# within", "# tail", "      - c\n\n  - {"];
    for (const each of kept) expect(filled).toContain(each);
    expect(filled).toContain("  - { op: standardize, from: a, to: b, mean: 1.5, std: [2, 3] }   # behind\n");
    expect(filled).toContain("  - op: bucketize # block\n    from: b\n    boundaries: [-1, 0.5]\n    to:\n      - c\n");
  });

  it("a step that is written somewhere else is refused", () => {
    const aliased = "x: &step { op: log, from: a, to: b }\nsteps: [*step]";
    expect(() => fillIn(aliased, [{ step: 0, values: { mean: 1 } }])).toThrow("steps[0] is an alias");
  });
});
