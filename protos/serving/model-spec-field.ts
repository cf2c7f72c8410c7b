import { type Field, message, string, varint } from "../wire/writer.js";

/** A ModelSpec as a field: who answered, by name and version, never by label. An empty signature is left out. */
export function modelSpecField(field: number, model: string, version: bigint, signature: string): Field {
  const number = message(2, version === 0n ? [] : [varint(1, version)]);
  return message(field, [string(1, model), number, ...(signature === "" ? [] : [string(3, signature)])]);
}
