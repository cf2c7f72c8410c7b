export { type BatcherHarness, type BatcherLimit, describeBatcher } from "./batcher-kit.js";
export { checkFactory } from "./factory-check.js";
export { type FakeClock, fakeClock } from "./fake-clock.js";
export { fakeHost } from "./fake-host.js";
export { type PolicyRun, phases, simulatePolicy } from "./policy-simulation.js";
export { type LogLine, type RecordingLogger, recordingLogger } from "./recording-logger.js";
export type { TestRunner } from "./runner.js";
export { describeServable, type ServableCase, type ServableHarness } from "./servable-kit.js";
export { readSightings, type Sightings, versionsOf } from "./sightings.js";
export { describeSource } from "./source-kit.js";
export {
  type Repairable,
  type SourceFault,
  type SourceHarness,
  type SourceStage,
  type VersionFiles,
  type WireFault,
  wireFaults,
} from "./source-stage.js";
export { assertFits, assertSameTensors, copyTensors } from "./tensor-assertions.js";
export { describeVersionPolicy } from "./version-policy-kit.js";
