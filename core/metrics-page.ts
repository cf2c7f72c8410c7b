import { token } from "./container.js";

/** What a transport serves on its metrics path. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
}

/** Stands for undefined unless a plugin provides a page. */
export const MetricsPageToken = token<MetricsPage | undefined>("MetricsPage");
