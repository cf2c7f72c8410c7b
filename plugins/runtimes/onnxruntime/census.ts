import { readFile, stat } from "node:fs/promises";
import { readOnnxModel } from "../../../formats/onnx/read-model.js";
import type { OrtModel } from "./session.js";

/** Which operators a model is made of. */
export type Census = {
  /** Their types, those in graphs inside the graph and in functions included. */
  readonly ops: ReadonlySet<string>;
  /** Whether one has a graph of its own: a loop, a branch. */
  readonly nested: boolean;
  /** Whether one is of a domain other than ONNX's own, or a function of the model's. */
  readonly foreign: boolean;
};

const domains: ReadonlySet<string> = new Set(["", "ai.onnx", "ai.onnx.ml"]);

/** undefined for a model that is larger than `most` bytes, or cannot be read. */
export async function censusOf(model: OrtModel, most: number): Promise<Census | undefined> {
  try {
    if ("bytes" in model) return model.bytes.byteLength <= most ? census(model.bytes) : undefined;
    return (await stat(model.path)).size <= most ? census(await readFile(model.path)) : undefined;
  } catch {
    return undefined;
  }
}

function census(bytes: Uint8Array): Census {
  const ops = new Set<string>();
  let [nested, foreign] = [false, false];
  readOnnxModel(bytes, {
    node: (op, domain) => {
      ops.add(op);
      foreign ||= !domains.has(domain);
    },
    innerGraph: () => {
      nested = true;
    },
    func: () => {
      foreign = true;
    },
  });
  return { ops, nested, foreign };
}
