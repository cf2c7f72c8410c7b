import type { Rule, Rules } from "../rule.js";

/** A read through a handle: the handle's value is the variable's already. */
const read: Rule = (c) => {
  const value = c.input(0);
  return value.constant ? value : c.refuse("it reads a variable whose handle is computed");
};

/** Where values come from that are there before the model runs. Variables themselves are the driver's. */
export const sourceRules: Rules = {
  ReadVariableOp: read,
  PlaceholderWithDefault: (c) => {
    // What could be fed is of no interest where nothing is.
    c.attrs.shape("shape");
    return c.input(0);
  },
};
