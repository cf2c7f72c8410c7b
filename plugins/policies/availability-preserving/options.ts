import { z } from "zod";

/** Nothing to choose: the rule is fixed. */
export const options = z.strictObject({});
