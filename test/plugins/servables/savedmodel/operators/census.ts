import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "../../../../../plugins/servables/savedmodel/compile.js";
import type { Rule } from "../../../../../plugins/servables/savedmodel/lowering/rule.js";
import { rules } from "../../../../../plugins/servables/savedmodel/lowering/rules.js";
import { zoo } from "../../../../fixtures/zoo/golden.js";

/** What lowering all models with golden answers shows of each operator's rule. */
export type Census = {
  /** Operators whose rule lowered a node of some model. */
  readonly reached: ReadonlySet<string>;
  /** Operators whose rule wrote a step of our own at least once. */
  readonly own: ReadonlySet<string>;
};

/** The folders beside this one with a model of one signature an operator's trait, and the zoo. */
function models(): string[] {
  const here = fileURLToPath(new URL("..", import.meta.url));
  const folders = readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === "saved_model.pb")
    .map((entry) => entry.parentPath);
  return [...folders, ...zoo.map(({ path }) => path)].filter((path) => existsSync(path));
}

/** Lowers every model with a watch on the rules, which it takes off again. */
export function takeCensus(): Census {
  const [reached, own] = [new Set<string>(), new Set<string>()];
  const watched = rules as Map<string, Rule>;
  const before = [...rules];
  for (const [op, rule] of before) {
    watched.set(op, (c) => {
      const host: typeof c.host = (...step) => {
        own.add(op);
        return c.host(...step);
      };
      const result = rule({ ...c, host });
      reached.add(op);
      return result;
    });
  }
  try {
    for (const dir of models()) compile({ dir, tags: ["serve"], lower: true });
  } finally {
    for (const [op, rule] of before) watched.set(op, rule);
  }
  return { reached, own };
}
