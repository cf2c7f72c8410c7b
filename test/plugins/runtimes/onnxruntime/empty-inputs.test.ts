import { expect, it } from "vitest";
import { type Tensors, tensor } from "../../../../core/index.js";
import { emptyInputsCheck } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { encodeMessage, message, string } from "../../../../protos/wire/writer.js";
import { fixture } from "./models.js";

const empty: Tensors = { x: tensor("float32", [0, 5], new Float32Array()) };
const row: Tensors = { x: tensor("float32", [1, 5], new Float32Array(5)) };

const node = (op: string, ...more: Parameters<typeof message>[1]) => message(1, [string(4, op), ...more]);
const model = (...nodes: ReturnType<typeof node>[]) => ({ bytes: encodeMessage([message(7, nodes)]) });
/** A node with a graph of its own. */
const around = (op: string) => node("If", message(5, [string(1, "then_branch"), message(6, [node(op)])]));

it.each(["TopK", "LSTM", "GRU"])("%s takes no empty inputs, also inside another's graph", async (op) => {
  for (const given of [model(node("Abs"), node(op)), model(around(op))]) {
    const check = await emptyInputsCheck(given);
    expect(() => check?.(row)).not.toThrow();
    expect(() => check?.(empty)).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(
          `input "x" of shape [0,5] is empty, which this model cannot take: it has ${op}`,
        ),
      }),
    );
  }
});

it("other models take them", async () => {
  expect(await emptyInputsCheck(model(node("Abs")))).toBeUndefined();
  expect(await emptyInputsCheck({ path: fixture("symbolic_dims").path })).toBeUndefined();
});

it("one that cannot be searched does not", async () => {
  const check = await emptyInputsCheck({ path: "/no/such/model.onnx" });
  expect(() => check?.(empty)).toThrow(/could not be searched/);
});
