import type { Tensor } from "../../../../core/index.js";

/** One run of an ONNX model. */
export type ModelStep = {
  readonly kind: "model";
  /** The model's place in the list. */
  readonly model: number;
  /** The program's values by the model's own names. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
};

/** One operator of our own. */
export type HostStep = {
  readonly kind: "host";
  /** The name of its HostOp. */
  readonly op: string;
  /** The node's name, for people. */
  readonly name: string;
  readonly attributes: unknown;
  readonly inputs: readonly string[];
  /** "" for an output that nothing uses */
  readonly outputs: readonly string[];
};

export type Step = ModelStep | HostStep;

/** One signature as steps that run one after the other; values flow between them by name. Can be posted between threads. */
export type Program = {
  /** Values by the names of the signature's inputs. An input that no step uses may be missing. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Values by the names of the signature's outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The ranks that inputs must have. */
  readonly ranks: Readonly<Record<string, number>>;
  /** Sizes that an input's dimensions must have at least, -1 for any: windows slide over them. */
  readonly least: Readonly<Record<string, readonly number[]>>;
  /** Values that host steps use and that are known before. */
  readonly constants: Readonly<Record<string, Tensor>>;
  /** Steps whose values no call changes: they run before the first one. */
  readonly once: readonly HostStep[];
  readonly steps: readonly Step[];
};
