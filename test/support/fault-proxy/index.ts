export * from "./faults.js";
export { type FaultProxy, faultProxy, type Matching } from "./proxy.js";
