import { defineServable, tensor } from "salver";

export default defineServable({
  type: "top-k",
  description: "The k candidates of the highest score, the best first.",
  inputs: {
    score: { dtype: "float32", shape: [-1] },
    item: { dtype: "string", shape: [-1] },
    title: { dtype: "string", shape: [-1] },
    k: { dtype: "int32", shape: [] },
  },
  outputs: {
    item: { dtype: "string", shape: [-1] },
    title: { dtype: "string", shape: [-1] },
    score: { dtype: "float32", shape: [-1] },
  },
  run: ({ score, item, title, k }) => {
    const scores = score!.data as Float32Array;
    const best = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
    const top = best.slice(0, (k!.data as Int32Array)[0]);
    const chosen = (values: unknown) => top.map((at) => (values as readonly Uint8Array[])[at]!);
    return {
      item: tensor("string", [top.length], chosen(item!.data)),
      title: tensor("string", [top.length], chosen(title!.data)),
      score: tensor(
        "float32",
        [top.length],
        Float32Array.from(top, (at) => scores[at]!),
      ),
    };
  },
});
