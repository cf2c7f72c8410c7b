import { DEFAULT_SIGNATURE, failedPrecondition, type Signature } from "../../../../core/index.js";
import { constantOf } from "../lowering/constant.js";
import { formatObstacle } from "../lowering/refusal.js";
import { opsetOf } from "../onnx/encode.js";
import type { OnnxGraph } from "../onnx/graph.js";
import { openModel } from "../open-model.js";
import type { Piece } from "../program/cut.js";
import type { HostStep } from "../program/program.js";
import { isOnnxStep, stepName } from "../program/step-name.js";
import { named } from "./named.js";
import { writeModel } from "./write.js";

export type ConvertRequest = {
  readonly dir: string;
  readonly tags: readonly string[];
  /** Default: `serving_default`, else the only one. */
  readonly signature?: string;
  /** The file to write; must not exist. */
  readonly file: string;
  /** Weights in a data file beside it, however small. */
  readonly externalData: boolean;
  readonly producerVersion: string;
};

export type Converted = {
  readonly signature: string;
  readonly files: readonly string[];
  readonly nodes: number;
  readonly opset: number;
  /** What the file says otherwise than the signature, one sentence each. */
  readonly notes: readonly string[];
};

function chosen(signatures: Readonly<Record<string, Signature>>, wanted: string | undefined): string {
  const names = Object.keys(signatures);
  const name = wanted ?? (names.includes(DEFAULT_SIGNATURE) || names.length > 1 ? DEFAULT_SIGNATURE : names[0]!);
  if (names.includes(name)) return name;
  const there = names.map((each) => `"${each}"`).join(", ");
  throw failedPrecondition(`the model has no signature "${name}"; it has ${there}. An ONNX file holds one: choose it`);
}

const list = (lines: readonly string[]) => [...new Set(lines)].map((line) => `\n  ${line}`).join("");

function onlyPiece(steps: readonly (Piece | HostStep)[], name: string): Piece {
  const [first] = steps;
  if (first?.kind === "piece" && steps.length === 1) return first;
  const names = steps.flatMap((step) => {
    if (step.kind !== "host") return [];
    // The only operator of ONNX that is kept out of it is a gather of strings.
    const why = isOnnxStep(step) ? ": ONNX Runtime copies only the first string of each row" : "";
    return [`${stepName(step)} at "${step.name}"${why}`];
  });
  throw failedPrecondition(
    `signature "${name}" cannot become an ONNX file: Salver runs these in steps of its own, outside of ONNX:${list(names)}`,
  );
}

const notesOn = ({ outputs }: Signature, names: Readonly<Record<string, string>>): string[] =>
  Object.keys(outputs).flatMap((key) =>
    names[key] === key ? [] : [`output "${key}" is called "${names[key]}", since an input has its name`],
  );

/** ONNX has an input's default as an initializer of its name, which callers may replace. */
function withDefaults(graph: OnnxGraph, { defaults = {} }: Signature): OnnxGraph {
  const initializers = Object.entries(defaults).map(([name, value]) => ({ name, constant: constantOf(value) }));
  return { ...graph, initializers: [...graph.initializers, ...initializers] };
}

/**
 * Writes one signature of a SavedModel as an ONNX file. Blocks: for worker threads.
 * @throws FAILED_PRECONDITION with all that stands in the way; other ServingErrors for broken files
 */
export function convert({ dir, tags, signature: wanted, ...target }: ConvertRequest): Converted {
  const model = openModel({ dir, tags });
  try {
    const name = chosen(model.signatures, wanted);
    const signature = model.signatures[name]!;
    const result = model.lower(signature, { standard: true });
    if ("obstacles" in result) {
      const inTheWay = list(result.obstacles.map(formatObstacle));
      throw failedPrecondition(`signature "${name}" does not lower to ONNX; in the way are:${inTheWay}`);
    }
    const { lowered } = result;
    const { graph, outputs } = named(onlyPiece(lowered.steps, name).graph, lowered, signature);
    const files = writeModel(withDefaults(graph, signature), target.file, target.producerVersion, target.externalData);
    return {
      signature: name,
      files,
      nodes: graph.nodes.length,
      opset: opsetOf(graph),
      notes: notesOn(signature, outputs),
    };
  } finally {
    model.close();
  }
}
