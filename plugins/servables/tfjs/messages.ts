import type { Ports } from "./model/ports.js";
import type { Value } from "./model/values.js";
import type { BackendName, TfjsOptions } from "./options.js";

export type OpenRequest = { readonly kind: "open"; readonly path: string; readonly backend: TfjsOptions["backend"] };
export type RunRequest = {
  readonly kind: "run";
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: readonly string[];
};

export type Opened = {
  readonly backend: BackendName;
  readonly version: string;
  readonly ports: Ports;
  readonly passedOver: readonly string[];
};
export type Ran = ReadonlyMap<string, Value>;
