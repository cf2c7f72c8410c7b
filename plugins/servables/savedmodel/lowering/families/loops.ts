import { writeLoop } from "../loops/loop.js";
import type { Rule, Rules } from "../rule.js";

const loop: Rule = (c) => writeLoop(c, { cond: c.body("cond"), body: c.body("body") }, c.inputs);

export const loopRules: Rules = { While: loop, StatelessWhile: loop, WhileContext: loop };
