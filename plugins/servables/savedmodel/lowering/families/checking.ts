import { unless } from "../checked.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

/** Its input, and an error of the run where a number is none or infinite. */
function checkNumerics(c: RuleContext): Value {
  c.attrs.text("message");
  const value = c.input(0);
  const odd = c.emit("Or", [c.emit("IsNaN", [value]), c.emit("IsInf", [value])]);
  return c.value(unless(c, odd, value), value.shape);
}

export const checkingRules: Rules = { CheckNumerics: checkNumerics, CheckNumericsV2: checkNumerics };
