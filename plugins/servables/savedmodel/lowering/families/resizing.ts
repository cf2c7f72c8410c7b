import { isImage } from "../image.js";
import type { RuleContext, Rules } from "../rule.js";
import { asInt64, sizeOf, upTo } from "../sizes.js";
import type { Value } from "../value.js";
import { channelsFirst, channelsOf, windowed } from "../window.js";
import { withoutNegative } from "./gathering.js";

const LAYOUT = { channelsLast: true, dimensions: 2 };

const asFloat = (c: RuleContext, name: Value | string) => c.emit("Cast", [name], { to: c.onnxType("float32") });
const number = (c: RuleContext, value: number) => c.scalar("float32", value);

type Centers = { readonly corners: boolean; readonly halves: boolean };

function centers(c: RuleContext): Centers {
  const [corners, halves] = [c.attrs.flag("align_corners", false), c.attrs.flag("half_pixel_centers", false)];
  return corners && halves ? c.refuse("it aligns corners and has half pixel centers") : { corners, halves };
}

/** One dimension being resized: how large it is and shall be, int64 lists of one, and how much of it goes into a step. */
type Side = { readonly have: string; readonly want: string; readonly scale: string };

/** Rows and columns, in single precision and in TensorFlow's order of operations. */
function sides(c: RuleContext, { corners }: Centers): readonly Side[] {
  const value = c.input(0);
  c.requireRank(value, 4);
  const sizes = asInt64(c, c.input(1));
  return [0, 1].map((d) => {
    const [have, want] = [sizeOf(c, value, d + 1), c.emit("Gather", [sizes, c.int64([d])])];
    const scale = c.emit("Div", [asFloat(c, have), asFloat(c, want)]);
    if (!corners) return { have, want, scale };
    const one = c.int64([1]);
    const inner = [have, want].map((size) => asFloat(c, c.emit("Sub", [size, one])));
    const several = c.emit("Greater", [want, one]);
    return { have, want, scale: c.emit("Where", [several, c.emit("Div", inner), scale]) };
  });
}

/** Where in the image each row of the result begins, in rows. */
function positions(c: RuleContext, { want, scale }: Side, { halves }: Centers): string {
  const rows = asFloat(c, upTo(c, want));
  return c.emit("Mul", [halves ? c.emit("Add", [rows, number(c, 0.5)]) : rows, scale]);
}

const clamped = (c: RuleContext, place: string, have: string) =>
  c.emit("Max", [c.emit("Min", [place, c.emit("Sub", [have, c.int64([1])])]), c.int64([0])]);

const asPlace = (c: RuleContext, name: string) => c.emit("Cast", [name], { to: c.onnxType("int64") });

/** Halves away from zero, of numbers that are not negative. */
function rounded(c: RuleContext, name: string): string {
  const floor = c.emit("Floor", [name]);
  const up = c.emit("GreaterOrEqual", [c.emit("Sub", [name, floor]), number(c, 0.5)]);
  return c.emit("Where", [up, c.emit("Add", [floor, number(c, 1)]), floor]);
}

/** Every row and column is one of the image's: ONNX's Resize would find them by other roundings. */
function nearest(c: RuleContext): Value {
  const value = c.input(0);
  const options = centers(c);
  const image = isImage(value);
  const name = sides(c, options).reduce(
    (given, side, d) => {
      const at = positions(c, side, options);
      const place = asPlace(c, options.corners ? rounded(c, at) : c.emit("Floor", [at]));
      return c.emit("Gather", [given, clamped(c, place, side.have)], { axis: d + (image ? 2 : 1) });
    },
    image ? c.channelsFirst(value) : c.plain(value),
  );
  const shape = [value.shape![0]!, -1, -1, value.shape![3]!];
  return image ? c.image(name, shape) : c.value(name, shape);
}

function bilinear(c: RuleContext): Value {
  const value = c.input(0);
  const { corners, halves } = centers(c);
  const image = channelsFirst(c, LAYOUT, value);
  const given = value.dtype === "float32" ? image : asFloat(c, image);
  const lead = c.emit("Slice", [c.emit("Shape", [image]), c.int64([0]), c.int64([2])]);
  const sizes = c.emit("Concat", [lead, asInt64(c, c.input(1))], { axis: 0 });
  const name = c.emit("Resize", [given, "", "", sizes], {
    mode: "linear",
    coordinate_transformation_mode: corners ? "align_corners" : halves ? "half_pixel" : "asymmetric",
  });
  return windowed(c, LAYOUT, name, channelsOf(value, LAYOUT));
}

/** How much each row of the image counts in each row of the result: a matrix. */
type Weigh = (c: RuleContext, side: Side, options: Centers) => string;

function weighed(c: RuleContext, weigh: Weigh): Value {
  const value = c.input(0);
  const options = centers(c);
  const [rows, columns] = sides(c, options).map((side) => weigh(c, side, options));
  const image = asFloat(c, channelsFirst(c, LAYOUT, value));
  const name = c.emit("Einsum", [image, rows!, columns!], { equation: "nchw,yh,xw->ncyx" });
  return windowed(c, LAYOUT, name, channelsOf(value, LAYOUT));
}

const column = (c: RuleContext, name: string) => c.emit("Unsqueeze", [name, c.int64([1])]);

/** The part of each row that falls into the stretch behind a row of the result; the last row goes on for ever. */
const overlaps: Weigh = (c, side, options) => {
  const begin = positions(c, side, options);
  const end = c.emit("Mul", [c.emit("Add", [asFloat(c, upTo(c, side.want)), number(c, 1)]), side.scale]);
  const rows = upTo(c, side.have);
  const isLast = c.emit("Equal", [rows, c.emit("Sub", [side.have, c.int64([1])])]);
  const [above, next] = [asFloat(c, rows), c.emit("Add", [asFloat(c, rows), number(c, 1)])];
  const below = c.emit("Where", [isLast, number(c, Number.MAX_SAFE_INTEGER), next]);
  const common = c.emit("Sub", [c.emit("Min", [column(c, end), below]), c.emit("Max", [column(c, begin), above])]);
  return c.emit("Div", [c.emit("Max", [common, number(c, 0)]), side.scale]);
};

/**
 * Keys' cubic convolution over four rows. TensorFlow rounds distances to 1/1024; with half pixel centers it leaves out
 * rows beyond the image and scales the others up, without it repeats the outermost.
 */
const cubic: Weigh = (c, side, options) => {
  const { halves } = options;
  const at = positions(c, side, options);
  const place = halves ? c.emit("Sub", [at, number(c, 0.5)]) : at;
  const first = c.emit("Floor", [place]);
  const ticks = c.emit("Round", [c.emit("Mul", [c.emit("Sub", [place, first]), number(c, 1024)])]);
  const delta = c.emit("Div", [ticks, number(c, 1024)]);
  const a = halves ? -0.5 : -0.75;
  /** A polynomial of x, the coefficient of the highest power first. */
  const polynomial = (x: string, [highest, ...others]: readonly number[]) =>
    others.reduce((sum, each) => c.emit("Add", [c.emit("Mul", [sum, x]), number(c, each)]), number(c, highest!));
  const near = (x: string) => polynomial(x, [a + 2, -(a + 3), 0, 1]);
  const far = (x: string) => polynomial(c.emit("Add", [x, number(c, 1)]), [a, -5 * a, 8 * a, -4 * a]);
  const rest = c.emit("Sub", [number(c, 1), delta]);
  const weights = [far(delta), near(delta), near(rest), far(rest)];
  const taps = weights.map((weight, k) => {
    const row = c.emit("Add", [asPlace(c, first), c.int64(k - 1)]);
    const hit = c.emit("Equal", [column(c, halves ? row : clamped(c, row, side.have)), upTo(c, side.have)]);
    return c.emit("Where", [hit, column(c, weight), number(c, 0)]);
  });
  const matrix = c.emit("Sum", taps);
  if (!halves) return matrix;
  return c.emit("Div", [matrix, c.emit("ReduceSum", [matrix, c.int64([1])], { keepdims: 1 })]);
};

/** Where each row of a crop lies in its image: one list of places a box. */
function cropPlaces(c: RuleContext, low: string, high: string, have: string, count: number): string {
  const last = asFloat(c, c.emit("Sub", [have, c.int64([1])]));
  if (count <= 1) {
    const middle = c.emit("Mul", [number(c, 0.5), c.emit("Add", [low, high])]);
    return column(c, c.emit("Mul", [middle, last]));
  }
  const step = c.emit("Div", [c.emit("Mul", [c.emit("Sub", [high, low]), last]), number(c, count - 1)]);
  const rows = asFloat(c, c.int64(Array.from({ length: count }, (_, i) => i)));
  return c.emit("Add", [column(c, c.emit("Mul", [low, last])), c.emit("Mul", [column(c, step), rows])]);
}

/** Boxes cut out of images, each resized; boxes are in parts of the image's sides, and may reach out of it. */
function cropAndResize(c: RuleContext): Value {
  const [value, boxes, owners] = [c.input(0), c.input(1), c.input(2)];
  const [rows, columns] = c.ints(3, "the size of its crops") as [number, number];
  c.requireRank(value, 4);
  const method = c.attrs.text("method", "bilinear");
  const outside = number(c, c.attrs.float("extrapolation_value", 0));
  const edge = (d: number) => c.emit("Gather", [boxes, c.int64(d)], { axis: 1 });
  const [height, width] = [sizeOf(c, value, 1), sizeOf(c, value, 2)];
  const y = c.emit("Unsqueeze", [cropPlaces(c, edge(0), edge(2), height, rows), c.int64([2])]);
  const x = c.emit("Unsqueeze", [cropPlaces(c, edge(1), edge(3), width, columns), c.int64([1])]);
  const count = c.emit("Cast", [sizeOf(c, value, 0)], { to: c.onnxType(owners.dtype) });
  const owner = c.emit("Unsqueeze", [asPlace(c, withoutNegative(c, owners, count)), c.int64([1, 2])]);
  const grid = c.emit("Concat", [c.emit("Shape", [owners]), c.int64([rows, columns])], { axis: 0 });
  const pixels = asFloat(c, value);
  const pixel = (row: string, columnAt: string) => {
    const at = [owner, clamped(c, asPlace(c, row), height), clamped(c, asPlace(c, columnAt), width)];
    const index = at.map((each) => c.emit("Unsqueeze", [c.emit("Expand", [each, grid]), c.int64([-1])]));
    return c.emit("GatherND", [pixels, c.emit("Concat", index, { axis: -1 })]);
  };
  const between = (from: string, to: string, share: string) =>
    c.emit("Add", [from, c.emit("Mul", [c.emit("Sub", [to, from]), c.emit("Unsqueeze", [share, c.int64([-1])])])]);
  const interpolated = () => {
    const [top, left] = [c.emit("Floor", [y]), c.emit("Floor", [x])];
    const [bottom, right] = [c.emit("Ceil", [y]), c.emit("Ceil", [x])];
    const share = c.emit("Sub", [x, left]);
    const [upper, lower] = [top, bottom].map((row) => between(pixel(row, left), pixel(row, right), share));
    return between(upper!, lower!, c.emit("Sub", [y, top]));
  };
  const crops = method === "bilinear" ? interpolated() : pixel(rounded(c, y), rounded(c, x));
  if (method !== "bilinear" && method !== "nearest") c.refuse(`its method is ${method}`);
  const beyond = (at: string, have: string) => {
    const last = asFloat(c, c.emit("Sub", [have, c.int64([1])]));
    return c.emit("Not", [
      c.emit("And", [c.emit("GreaterOrEqual", [at, number(c, 0)]), c.emit("LessOrEqual", [at, last])]),
    ]);
  };
  const lost = c.emit("Unsqueeze", [c.emit("Or", [beyond(y, height), beyond(x, width)]), c.int64([-1])]);
  return c.value(c.emit("Where", [lost, outside, crops]), [-1, rows, columns, value.shape![3]!]);
}

export const resizingRules: Rules = {
  ResizeNearestNeighbor: nearest,
  ResizeBilinear: bilinear,
  ResizeArea: (c) => weighed(c, overlaps),
  ResizeBicubic: (c) => weighed(c, cubic),
  CropAndResize: cropAndResize,
};
