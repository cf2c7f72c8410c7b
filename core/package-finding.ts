import { messageOf } from "./errors.js";
import type { Finding } from "./plugin.js";

export type OptionalPackage = {
  readonly name: string;
  /** What there is with it: "graphs for the nearest neighbours". */
  readonly gives: string;
  /** What to type: "npm install usearch@2.25.3". */
  readonly install: string;
  /** Loads or finds it. @throws what `import` and `require` throw */
  load(): unknown;
};

const isAbsent = (error: unknown) => /MODULE_NOT_FOUND$/.test(String((error as { readonly code?: unknown })?.code));

/** What `salver doctor` says of a package that a plugin can do without. */
export async function packageFinding({ name, gives, install, load }: OptionalPackage): Promise<Finding> {
  try {
    await load();
    return { subject: name, status: "ok", detail: `${gives}: ready` };
  } catch (error) {
    if (isAbsent(error)) return { subject: name, status: "absent", detail: `not installed; for ${gives}: ${install}` };
    const [reason] = messageOf(error).split("\n");
    return { subject: name, status: "broken", detail: `${reason}. Nothing but ${gives} needs it; again: ${install}` };
  }
}
