import { type Host, type LocalVersion, messageOf, TelemetryToken } from "../../../../core/index.js";
import { extraPath, readExtra } from "./read-extra.js";

/** Tells the telemetry of a version's key in ML Metadata. What cannot be read is logged: it stops no version. */
export async function publishMlmdUuid(host: Host, { model, version, path }: LocalVersion): Promise<void> {
  const file = extraPath(path, "mlmd_uuid");
  try {
    const bytes = await readExtra(file);
    if (!bytes) return;
    const uuid = new TextDecoder().decode(bytes).trim();
    host.get(TelemetryToken).mlmdFound({ model, version, uuid });
  } catch (error) {
    host.log.warn({ version: String(version), file, error }, `the key in ML Metadata: ${messageOf(error)}`);
  }
}
