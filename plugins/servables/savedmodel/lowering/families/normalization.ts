import { float } from "../../onnx/graph.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { channelsFirst, channelsOf, layoutOf, windowed } from "../window.js";
import { elementwise } from "./elementwise.js";
import { biased } from "./matmul.js";

function biasAdd(c: RuleContext): Value {
  const [value, bias] = [c.input(0), c.input(1)];
  // TensorFlow wants at least two dimensions here, ONNX's addition would take any.
  if ((c.rank(value) ?? 2) < 2) c.refuse("its input has fewer than two dimensions");
  if (layoutOf(c, 2).channelsLast) {
    return biased(c, value, bias) ?? elementwise(c, [value, bias], (names) => c.emit("Add", names));
  }
  const rank = c.requireRank(value);
  const trailing = Array.from({ length: rank - 2 }, (_, d) => d + 1);
  const column = trailing.length > 0 ? c.emit("Unsqueeze", [bias, c.int64(trailing)]) : c.plain(bias);
  return c.value(c.emit("Add", [value, column]), value.shape);
}

/** Its statistics are of single precision even where its image is of half. */
function fusedBatchNorm(c: RuleContext): readonly Value[] {
  if (c.attrs.flag("is_training", true)) c.refuse("it is a training step");
  const parameters = [1, 2, 3, 4].map((i) => c.plain(c.input(i)));
  const value = c.input(0);
  const layout = layoutOf(c, c.requireRank(value) - 2);
  const epsilon = float(c.attrs.float("epsilon", 0.0001));
  const wide = { to: c.onnxType("float32") };
  const image = channelsFirst(c, layout, value);
  const given = value.dtype === "float32" ? image : c.emit("Cast", [image], wide);
  const name = c.emit("BatchNormalization", [given, ...parameters], { epsilon });
  const own = value.dtype === "float32" ? name : c.emit("Cast", [name], { to: c.onnxType(value.dtype) });
  return [windowed(c, layout, own, channelsOf(value, layout))];
}

/** Each pixel's channels over the norm of those around it; ONNX divides the factor by the number of channels. */
function localResponse(c: RuleContext): Value {
  const value = c.input(0);
  const layout = { channelsLast: true, dimensions: 2 };
  const size = 2 * c.attrs.int("depth_radius", 5) + 1;
  const name = c.emit("LRN", [channelsFirst(c, layout, value)], {
    size,
    bias: float(c.attrs.float("bias", 1)),
    alpha: float(c.attrs.float("alpha", 1) * size),
    beta: float(c.attrs.float("beta", 0.5)),
  });
  return windowed(c, layout, name, channelsOf(value, layout));
}

export const normalizationRules: Rules = {
  BiasAdd: biasAdd,
  BiasAddV1: (c) =>
    biased(c, c.input(0), c.input(1)) ?? elementwise(c, [c.input(0), c.input(1)], (names) => c.emit("Add", names)),
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LRN: localResponse,
};
