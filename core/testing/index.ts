export { type PolicyRun, phases, simulatePolicy } from "./policy-simulation.js";
export type { TestRunner } from "./runner.js";
export { describeVersionPolicy } from "./version-policy-kit.js";
