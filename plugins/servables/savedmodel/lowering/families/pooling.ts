import type { RuleContext, Rules } from "../rule.js";
import { isFloat, type Value } from "../value.js";
import {
  channelsFirst,
  channelsOf,
  failWhereTooLarge,
  layoutOf,
  padding,
  spatial,
  windowAttribute,
  windowed,
} from "../window.js";

type Pool = "MaxPool" | "AveragePool";

function pool(c: RuleContext, op: Pool, dimensions: number, computed = false): Value {
  const value = c.input(0);
  if (!isFloat(value.dtype)) c.refuse(`it pools ${value.dtype}`);
  const layout = layoutOf(c, dimensions);
  const given = (name: string, index: number) =>
    computed ? spatial(c, name, layout, c.ints(index, `its ${name}`)) : windowAttribute(c, name, layout);
  const [kernel_shape, strides] = [given("ksize", 1), given("strides", 2)];
  const dilations = kernel_shape.map(() => 1);
  const pads = padding(c, layout, kernel_shape, strides, dilations);
  const image = channelsFirst(c, layout, value);
  failWhereTooLarge(c, image, kernel_shape, strides, dilations, pads);
  const name = c.emit(op, [image], { kernel_shape, strides, ...pads });
  return windowed(c, layout, name, channelsOf(value, layout));
}

/** The greatest of each window, and where it stands: counted with the channels last, where ONNX has them first. */
function maxPoolWithArgmax(c: RuleContext): readonly Value[] {
  const value = c.input(0);
  const layout = { channelsLast: true, dimensions: 2 };
  const [kernel_shape, strides] = [windowAttribute(c, "ksize", layout), windowAttribute(c, "strides", layout)];
  const pads = padding(c, layout, kernel_shape, strides, [1, 1]);
  const image = channelsFirst(c, layout, value);
  failWhereTooLarge(c, image, kernel_shape, strides, [1, 1], pads);
  const [best, places] = c.emitMany("MaxPool", [image], { kernel_shape, strides, ...pads }, 2);
  const sizes = c.emit("Shape", [image]);
  const [channels, rows, columns] = [1, 2, 3].map((d) => c.emit("Gather", [sizes, c.int64([d])]));
  const area = c.emit("Mul", [rows!, columns!]);
  const planes = c.emit("Div", [places!, area]);
  const pixel = c.emit("Mul", [c.emit("Mod", [places!, area]), channels!]);
  const inImage = c.emit("Add", [pixel, c.emit("Mod", [planes, channels!])]);
  const whole = c.emit("Mul", [area, channels!]);
  const image0 = c.emit("Mul", [c.emit("Div", [planes, channels!]), whole]);
  const index = c.attrs.flag("include_batch_in_index", false) ? c.emit("Add", [inImage, image0]) : inImage;
  const own = c.emit("Cast", [index], { to: c.onnxType(c.dtypes[1]!) });
  const shape = [-1, -1, -1, channelsOf(value, layout)];
  return [
    windowed(c, layout, best!, channelsOf(value, layout)),
    c.value(c.emit("Transpose", [own], { perm: [0, 2, 3, 1] }), shape, { output: 1, certain: true }),
  ];
}

export const poolingRules: Rules = {
  MaxPool: (c) => pool(c, "MaxPool", 2),
  MaxPoolV2: (c) => pool(c, "MaxPool", 2, true),
  MaxPool3D: (c) => pool(c, "MaxPool", 3),
  AvgPool: (c) => pool(c, "AveragePool", 2),
  AvgPool3D: (c) => pool(c, "AveragePool", 3),
  MaxPoolWithArgmax: maxPoolWithArgmax,
};
