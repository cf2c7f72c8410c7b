import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";

const text = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return "";
  }
};

/** Processes whose numbers tell them apart: those of one start of one machine, and of one container. */
const domain = createHash("sha256")
  .update(
    JSON.stringify([
      text(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")) || hostname(),
      text(() => readlinkSync("/proc/self/ns/pid")),
    ]),
  )
  .digest("hex")
  .slice(0, 12);

/** The fields of `/proc/<pid>/stat` after the command, which may hold anything, parentheses too. */
const fieldsOf = (stat: string) => stat.slice(stat.lastIndexOf(")") + 2).split(" ");
const STATE = 0;
const START = 19;

const ownStart = fieldsOf(text(() => readFileSync("/proc/self/stat", "utf8")))[START] ?? "";

export type Standing = "alive" | "dead" | "unknown";

/** A name that no other process has or will have: numbers of processes are used again, starts are not. */
export const ownIdentity = `${domain}-${process.pid}-${ownStart || 0}`;

/** What this machine knows of the process with an identity; `unknown` of those of another machine or container. */
export async function standingOf(identity: string): Promise<Standing> {
  const [theirDomain, pid, start] = identity.split("-");
  if (theirDomain !== domain) return "unknown";
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return "dead";
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // Where there is no such file, a number that is taken is all that can be known.
  if (stat === "") return "alive";
  const fields = fieldsOf(stat);
  const ended = fields[STATE] === "Z" || fields[STATE] === "X";
  return ended || fields[START] !== start ? "dead" : "alive";
}
