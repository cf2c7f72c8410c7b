import { type Flag, flags } from "./flags.js";

const effects: Readonly<Record<Flag["effect"], string>> = {
  used: "",
  none: " (accepted, without effect here)",
  unsupported: " (not supported yet)",
};

/** What `--help` and a command line that cannot be read print. */
export function usage(command: string): string {
  const lines = flags.map(({ name, type, default: value, meaning, effect }) => {
    const shown = type === "string" ? JSON.stringify(value) : String(value);
    return `${`\t--${name}=${shown}`.padEnd(54)}\t${type}\t${meaning}${effects[effect]}`;
  });
  return [`usage: ${command}`, "Flags:", ...lines, ""].join("\n");
}
