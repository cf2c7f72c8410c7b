import type { ResolvedConfig } from "../config/resolve.js";
import type { Frontend } from "../frontend.js";
import type { Host } from "../host.js";
import type { LoaderChoice } from "../lifecycle/load.js";
import type { Address, Transport } from "../transport.js";
import type { ClosingStep } from "./shutdown.js";

/** What takes requests and answers them: the transports of this thread, or those of the I/O threads. */
export interface DataPlane {
  /** Before the first model is loaded. @throws when it cannot serve; nothing is left running then */
  start(): Promise<void>;
  /** Opens the transports; ends early where `stopping` holds. @throws when one cannot listen */
  listen(stopping: () => boolean): Promise<readonly Address[]>;
  /** Whether a client may have come. */
  readonly open: boolean;
  announceEnd(): void;
  /** Takes nothing new and finishes what is under way, until `timeout` milliseconds are over; to be done side by side. */
  draining(timeout: number): readonly ClosingStep[];
  /** What is left to do when no version is loaded any more, in this order. */
  closing(): readonly ClosingStep[];
  /** The loader of the same versions, for what is loaded here to be run there. */
  shared(choice: LoaderChoice): LoaderChoice;
  /** The routing table is another. */
  rerouted(): void;
  /** The configured models, or the readiness, have changed. */
  changed(): void;
  /** Resolves when requests are answered by the present state of the control plane. */
  inStep(): Promise<void>;
}

export type LocalPlaneHouse = {
  readonly transports: ResolvedConfig["transports"];
  readonly hostFor: (id: string) => Host;
  readonly frontend: Frontend;
};

/** The transports of the only thread. It reads the control plane itself, so there is nothing to tell it. */
export function localPlane({ transports, hostFor, frontend }: LocalPlaneHouse): DataPlane {
  const opened: { readonly name: string; readonly transport: Transport }[] = [];
  return {
    start: async () => {},
    listen: async (stopping) => {
      const addresses: Address[] = [];
      for (const { factory, options } of transports) {
        if (stopping()) return [];
        const transport = await factory.create(hostFor(factory.type), options);
        opened.push({ name: `transport ${factory.type}`, transport });
        addresses.push(await transport.listen(frontend));
        if (stopping()) await transport[Symbol.asyncDispose]();
      }
      return stopping() ? [] : addresses;
    },
    get open() {
      return opened.length > 0;
    },
    announceEnd: () => {
      for (const { transport } of opened) transport.announceEnd?.();
    },
    draining: (timeout) => {
      const deadline = AbortSignal.timeout(timeout);
      return opened.map(({ name, transport }) => ({ name, close: () => transport.drain(deadline) }));
    },
    closing: () =>
      opened.toReversed().map(({ name, transport }) => ({ name, close: () => transport[Symbol.asyncDispose]() })),
    shared: (choice) => choice,
    rerouted: () => {},
    changed: () => {},
    inStep: async () => {},
  };
}
