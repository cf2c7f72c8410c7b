import { token } from "../container.js";
import type { VersionStatus } from "../frontend.js";

/** A version came to a new state. */
export type VersionEvent = VersionStatus & { readonly model: string };
type Listener = (event: VersionEvent) => void;

/** Listeners are called in turn, synchronously; one that throws is reported to the others' benefit, not theirs. */
export interface EventBus {
  publish(event: VersionEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

export const EventBusToken = token<EventBus>("EventBus");

export function createEventBus(onListenerError: (error: unknown) => void): EventBus {
  const listeners = new Set<Listener>();
  return {
    publish: (event) => {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onListenerError(error);
        }
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
