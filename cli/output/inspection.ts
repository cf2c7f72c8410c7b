import {
  type Fact,
  type Facts,
  formatShape,
  type InspectedSignature,
  type Inspection,
  PREDICT_METHOD,
  type Signature,
  type TensorSpec,
} from "../../core/index.js";
import { bytesText, wrapped } from "./text.js";

/** The model that was looked at. */
export type Inspected = { readonly path: string; readonly type: string; readonly version: bigint };

const WIDTH = 100;

/** `bytesOnDisk` as `bytes on disk`. */
const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));

function factText(name: string, fact: Fact): readonly string[] {
  if (typeof fact === "number") return [name.startsWith("bytes") ? bytesText(fact) : fact.toLocaleString("en")];
  if (typeof fact === "string") return fact.split("\n");
  if (Array.isArray(fact)) return fact.some((item) => item.length > 24) ? fact : [fact.join(", ") || "none"];
  const entries = Object.entries(fact);
  return entries.length === 0 ? ["none"] : [entries.map(([key, value]) => `${key} ${value}`).join(", ")];
}

/** Facts as lines, with the values after a column of `width`; long ones go on in the next line. */
function factLines(facts: Facts, width: number): string[] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    const lines = factText(name, fact).flatMap((text) => wrapped(text, WIDTH - width - 4));
    return lines.map((line, i) => `  ${(i === 0 ? words(name) : "").padEnd(width)}  ${line}`);
  });
}

const widthOf = (facts: Facts) => widest(Object.keys(facts).map(words));

function noteOn(key: string, spec: TensorSpec, { defaults = {} }: Signature): string {
  const notes = [
    ...(spec.name !== undefined && spec.name !== key ? [spec.name] : []),
    ...(Object.hasOwn(defaults, key) ? ["has a default"] : spec.optional ? ["optional"] : []),
  ];
  return notes.join(", ");
}

function shapeText({ shape, dimNames }: TensorSpec): string {
  if (!shape || !dimNames) return formatShape(shape);
  return `[${shape.map((size, i) => (size === -1 && dimNames[i] ? dimNames[i] : size)).join(",")}]`;
}

function tensorLines(signature: Signature, width: number): string[] {
  const rows = (["inputs", "outputs"] as const).flatMap((side) =>
    Object.entries(signature[side]).map(([key, spec], i) => [
      i === 0 ? side : "",
      key,
      spec.dtype,
      shapeText(spec),
      side === "inputs" ? noteOn(key, spec, signature) : noteOn(key, spec, { inputs: {}, outputs: {} }),
    ]),
  );
  const widths = [width, ...[1, 2, 3].map((column) => widest(rows.map((row) => row[column]!)))];
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
}

function signatureLines(name: string, signature: InspectedSignature): string[] {
  const { method = PREDICT_METHOD, engine, obstacles = [], facts = {} } = signature;
  const about = { engine: engine ?? "none can run it here", ...facts };
  const width = Math.max("outputs".length, widthOf(about));
  return [
    `signature ${name}${method === PREDICT_METHOD ? "" : `  (${method})`}`,
    ...tensorLines(signature, width),
    ...factLines(about, width),
    ...(obstacles.length > 0 ? ["  does not lower to ONNX:", ...obstacles.map((text) => `    ${text}`)] : []),
  ];
}

/** For people. */
export function inspectionText({ path, type, version }: Inspected, { signatures, facts }: Inspection): string {
  const blocks = [
    [`${path}`, `${type}, version ${version}`],
    ...(Object.keys(facts).length > 0 ? [factLines(facts, widthOf(facts))] : []),
    ...Object.entries(signatures).map(([name, signature]) => signatureLines(name, signature)),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const specData = (specs: Signature["inputs"], defaults: Signature["defaults"] = {}) =>
  Object.fromEntries(
    Object.entries(specs).map(([key, spec]) => [
      key,
      Object.hasOwn(defaults, key) ? { ...spec, hasDefault: true } : spec,
    ]),
  );

/** For scripts: what `inspectionText` says, with the numbers as numbers. */
export function inspectionData({ path, type, version }: Inspected, { signatures, facts }: Inspection): unknown {
  const data = Object.entries(signatures).map(([name, { inputs, outputs, defaults, ...rest }]) => {
    const { method = PREDICT_METHOD, ...more } = rest;
    return [name, { method, inputs: specData(inputs, defaults), outputs: specData(outputs), ...more }];
  });
  return { path, type, version: String(version), facts, signatures: Object.fromEntries(data) };
}
