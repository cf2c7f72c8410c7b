import type { Command } from "commander";
import { type Finding, messageOf } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";

const marks: Readonly<Record<Finding["status"], string>> = { ok: "✓", absent: "–", broken: "✗" };

export function doctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("look at what this machine has for Salver, and say what to do about what is missing")
    .option("--json", "as JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const findings = [nodeFinding(), ...(await pluginFindings())];
      const text = findings.map(({ subject, status, detail }) => `${marks[status]} ${subject}: ${indent(detail)}`);
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : `${text.join("\n")}\n`);
      if (findings.some(({ status }) => status === "broken")) process.exitCode = 1;
    });
}

const indent = (text: string) => text.replaceAll("\n", "\n    ");

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  const detail = `${process.version} on ${process.platform}/${process.arch}`;
  return {
    subject: "Node.js",
    status: fits ? "ok" : "broken",
    detail: fits ? detail : `${detail}; 20.19 or newer is needed`,
  };
}

async function pluginFindings(): Promise<readonly Finding[]> {
  const found = await Promise.all(
    builtins.map(async (plugin): Promise<readonly Finding[]> => {
      try {
        return (await plugin.doctor?.()) ?? [];
      } catch (error) {
        return [{ subject: plugin.name, status: "broken", detail: messageOf(error) }];
      }
    }),
  );
  return found.flat();
}
