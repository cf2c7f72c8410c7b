import { goldenCases } from "../golden-cases.js";

/** By signature; `refused_…` are those that must not be lowered. */
export const opCases = goldenCases(new URL("golden.json", import.meta.url));
