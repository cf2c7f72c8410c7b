import type { Address, LoadedVersion } from "../../core/index.js";
import { table } from "./table.js";

/** What is served, what is not and why, and where. */
export function readyTable(versions: readonly LoadedVersion[], addresses: readonly Address[]): string {
  const ready = versions.filter(({ state }) => state === "AVAILABLE");
  const failed = versions.filter(({ code }) => code !== "OK");
  const rows = ready.map(({ model, version, type, engine, signatures, loadMs }) => [
    model,
    String(version),
    type ?? "",
    engine ?? "",
    signatures.join(", "),
    `${Math.round(loadMs ?? 0)} ms`,
  ]);
  return [
    "",
    ready.length === 0
      ? "No model is ready."
      : table(["model", "version", "type", "engine", "signatures", "loaded in"], rows),
    ...failed.map(({ model, version, code, message }) => `✗ ${model} ${version} failed: ${code}: ${message}`),
    "",
    ...addresses.map(
      ({ protocol, host, port, secure }) => `${protocol.padEnd(5)} ${host}:${port}${secure ? " (TLS)" : ""}`,
    ),
    "",
  ].join("\n");
}
