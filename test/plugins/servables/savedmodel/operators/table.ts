import { families } from "../../../../../plugins/servables/savedmodel/lowering/rules.js";
import { absent } from "./absent.js";
import type { Census } from "./census.js";

const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
const sorted = (names: Iterable<string>) => [...names].sort((a, b) => a.localeCompare(b, "en"));

/** A markdown table whose columns are as wide as their longest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The document of what lowers; `own` are the operators that run, wholly or in part, in steps of our own. */
export function operatorsDocument({ own }: Census): string {
  const byFamily = Object.entries(families).map(([title, rules]) => [title, sorted(Object.keys(rules))] as const);
  const all = new Set(byFamily.flatMap(([, names]) => names));
  const rows = byFamily.map(([title, names]) => {
    const [onnx, steps] = [names.filter((name) => !own.has(name)), names.filter((name) => own.has(name))];
    return [title, String(names.length), code(onnx), code(steps)];
  });
  return `# Operators that lower

${all.size} operators of TensorFlow have a rule that writes them as ONNX, for ONNX Runtime to run. ${own.size} of them are
nothing ONNX has an operator for: they run in steps of our own before, between and after the ONNX models, in pieces that
let the event loop turn. Each rule has golden answers of TensorFlow under test, in a case of its own or in a model of the zoo.

A rule may still refuse a node: for a type that ONNX Runtime does not compute in, or an attribute or a rank whose meaning it
cannot carry over exactly. \`salver inspect\` says which engine would run each signature, and which nodes stand in the way.

${table(["Family", "Count", "ONNX Runtime", "Steps of our own"], rows)}

Beside these, read when the model loads: \`Const\`, \`Placeholder\`, variables of both kinds (\`VarHandleOp\`, \`VariableV2\`) with
what restores them, tables with what fills them, assets, and calls of functions (\`PartitionedCall\`, \`StatefulPartitionedCall\`),
which are opened.

# Operators that do not

With \`engine: auto\` one of these sends the model to libtensorflow. Where there is no library, or with \`engine: onnxruntime\`, the
model is refused with the operator, the node it stands at and the function around it; signatures without it can be chosen by
the option \`signatures\`. An operator in neither list is treated in the same way.

${table(
  ["What", "Operators"],
  absent.map(({ what, operators }) => [what, code(operators)]),
)}
`;
}
