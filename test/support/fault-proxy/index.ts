export * from "./faults.js";
export { type FaultProxy, faultProxy, type Matching } from "./proxy.js";
export { type WirePlan, wired } from "./wire.js";
