import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanErrorText } from "../../../../plugins/runtimes/libtensorflow/error-text.js";

describe("TensorFlow's error text, for clients", () => {
  it.each([
    [
      "Incompatible shapes: [2,3] vs. [3,3]\n\t [[{{function_node __inference_combine_1384}}{{node add_1}}]]",
      "Incompatible shapes: [2,3] vs. [3,3] (node add_1)",
    ],
    [
      "Graph execution error:\n\nDetected at node dense/MatMul defined at (most recent call last):\n",
      "Graph execution error: Detected at node dense/MatMul defined at (most recent call last):",
    ],
    [
      "2 root error(s) found.\n  (0) INVALID_ARGUMENT: indices[0] = 9 is not in [0, 4)\n\t [[{{node embed/Gather}}]]\n\t [[{{node out}}]]\n  (1) INVALID_ARGUMENT: indices[0] = 9 is not in [0, 4)\n\t [[{{node embed/Gather}}]]\n0 successful operations.\n0 derived errors ignored.",
      "indices[0] = 9 is not in [0, 4) (node embed/Gather) (node out)",
    ],
    [
      "1 root error(s) found.\n  (0) Invalid argument: bad\n\t [[{{node a}}]]\n0 successful operations.",
      "bad (node a)",
    ],
    ["Checked at tensorflow/core/kernels/matmul_op_impl.h:1069 : failed", "Checked at : failed"],
    ["failed in /build/tensorflow/core/framework/op.cc:12 badly", "failed in badly"],
    ["shape must be rank 2 [Op:MatMul] name: ", "shape must be rank 2"],
    ["x [[y]] z", "x z"],
    ["bad\n\nOriginal stack trace for 'dense':\n  File \"/home/me/train.py\", line 3", "bad"],
    ["", "TensorFlow gave no reason"],
    ["a.py is kept, and so is a/b as a node", "a.py is kept, and so is a/b as a node"],
  ])("%j", (text, cleaned) => expect(cleanErrorText(text)).toBe(cleaned));

  it("is one line of bounded length, whatever comes", () => {
    const pieces = fc.constantFrom(
      "{{node a/b}}",
      "[[",
      "]]",
      "{{function_node f}}",
      "\n",
      "(0) ",
      "(1) ",
      "/x/y.cc:1",
      "é",
      "1 root error(s) found.",
    );
    const texts = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        const cleaned = cleanErrorText(text);
        expect(cleaned.length).toBeGreaterThan(0);
        expect(cleaned.length).toBeLessThanOrEqual(600);
        expect(cleaned).not.toMatch(/\n|\{\{node [^{}]*\}\}|\{\{function_node\s[^{}]*\}\}/);
      }),
    );
  });
});
