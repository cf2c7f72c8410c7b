import type { Protocol } from "../harness/question.js";
import type { Service } from "../harness/service.js";
import type { Skipped } from "../harness/tools.js";
import type { Network } from "../models/catalogue.js";

/** Another way to serve the same networks with the same engine. */
export type Peer = {
  readonly name: string;
  readonly engine: "onnxruntime" | "tensorflow";
  readonly protocol: Protocol;
  /** All networks, by name, in one server; or why it cannot be had on this machine. */
  start(networks: readonly Network[]): Promise<Service | Skipped>;
};
