import { readFileSync } from "node:fs";

/** The version of this package, whether it runs from its sources or from dist/. */
export function packageVersion(): string {
  for (const place of ["../package.json", "../../package.json"]) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as { version: string }).version;
    } catch {
      // Not in this one.
    }
  }
  return "unknown";
}
