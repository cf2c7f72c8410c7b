import type { Source } from "../source.js";

/** Contents by path inside the version, e.g. `{ "saved_model.pb": "…", "variables/index": "…" }`. */
export type VersionFiles = Readonly<Record<string, string>>;

/** What may come between a source and a place elsewhere. */
export const wireFaults = [
  "connections refused",
  "cut before the answer",
  "cut in the status line",
  "cut in the headers",
  "cut in the body",
  "truncated body",
  "server error",
  "throttled",
  "credentials refused",
  "slow drip",
] as const;
export type WireFault = (typeof wireFaults)[number];

export type Repairable = { repair(): Promise<void> };

/** One source over a place of its own, empty at first, and the hands to change that place with. */
export interface SourceStage extends AsyncDisposable {
  readonly source: Source;
  /** The model name the source was made for. */
  readonly model: string;
  /** The folder on this machine that the source brings versions to; absent where it leaves them in their place. */
  readonly folder?: string;
  /** Puts a complete version there, at once or bit by bit; over one that is there already, in its place. */
  publish(version: bigint, files: VersionFiles): Promise<void>;
  remove(version: bigint): Promise<void>;
  /** Puts something beside the versions that is none, under this name. */
  litter(name: string): Promise<void>;
  /**
   * Begins to publish and goes on without ever standing still for as long as the source would take for the end; `finish`
   * completes the version.
   */
  publishSlowly?(version: bigint, files: VersionFiles): Promise<{ finish(): Promise<void> }>;
  /** Makes looking fail until `repair` is called. */
  breakDown?(): Promise<Repairable>;
  /** How many looks the source has taken or tried, so that a fault can last for some. Goes with `breakDown`. */
  looks?(): number;
  /** Brings a fault about each time the source looks, or fetches what belongs to a version, until `repair` is called. */
  disturb?(fault: WireFault, at: "looking" | "opening"): Promise<Repairable>;
  /** Looking gets no answer any more, and no end either. */
  fallSilent?(): Promise<void>;
  /** The next `open` stops in the middle of its bytes: `begun` resolves then, and `go` lets it go on. */
  hold?(): Promise<{ readonly begun: Promise<void>; go(): Promise<void> }>;
  /** What comes of a version are other bytes than were announced, as many, until `repair` is called. */
  forge?(version: bigint): Promise<Repairable>;
}

/** Trouble that a stage may be unable to bring about. */
export type SourceFault = "publishSlowly" | "breakDown" | "disturb" | "fallSilent" | "hold" | "forge";

export type SourceHarness = {
  /**
   * A fresh stage, for each test. Its source should look every few milliseconds, also after a failure: the kit waits
   * for sightings and never for times.
   */
  open(): Promise<SourceStage>;
  /** Faults that cannot happen to this source, with the reason; their laws are left out. */
  readonly exempt?: Readonly<Partial<Record<SourceFault, string>>>;
};
