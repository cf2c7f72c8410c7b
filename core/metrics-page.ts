import { token } from "./container.js";

/** What a transport serves on its metrics path. */
export interface MetricsPage {
  readonly contentType: string;
  /** @param elsewhere what `counted` gave in the server's other threads, to be shown with what was counted here */
  render(elsewhere?: readonly unknown[]): Promise<string>;
  /** What has been counted in this thread, as data that can be posted. */
  counted?(): unknown;
  /** Counts as this thread's own what `counted` gave last in a thread that has ended. */
  absorb?(counted: unknown): void;
}

/** Stands for undefined unless a plugin provides a page. */
export const MetricsPageToken = token<MetricsPage | undefined>("MetricsPage");
