import type { DType } from "../../../../../core/index.js";
import { decodeBase64Op, decodeRawOp, encodeBase64Op } from "../../steps/families/coding.js";
import { asStringOp, parsedTypes, toNumberOp } from "../../steps/families/numbers.js";
import {
  joinOp,
  lengthOp,
  lowerOp,
  reduceJoinOp,
  stripOp,
  substrOp,
  type Unit,
  upperOp,
} from "../../steps/families/text.js";
import type { HostOp } from "../../steps/host-op.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { broadcast, type Shape } from "../value.js";

/** A host step that makes of each element another one. */
export const pointwise =
  <A>(op: HostOp<A>, attributes: (c: RuleContext) => A): Rule =>
  (c) => {
    const value = c.input(0);
    return c.value(c.host(op, attributes(c), [value])[0]!, value.shape);
  };

export const none = () => ({});

/** An attribute that must be one of these. */
export function oneOf<T extends string>(c: RuleContext, name: string, allowed: readonly T[], fallback: T): T {
  const value = c.attrs.text(name, fallback);
  return allowed.find((each) => each === value) ?? c.refuse(`its ${name} is ${JSON.stringify(value)}`);
}

const encoding = (c: RuleContext) => ({ encoding: oneOf(c, "encoding", ["", "utf-8"] as const, "") });
const unit = (c: RuleContext): Unit => ({ unit: oneOf(c, "unit", ["BYTE", "UTF8_CHAR"] as const, "BYTE") });

const PRINTED: ReadonlySet<DType> = new Set(
  "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split(" ") as DType[],
);
const DIGITS = 6;

const asString = pointwise(asStringOp, (c) => {
  const { dtype } = c.input(0);
  const floats = dtype.startsWith("float");
  const digits = c.attrs.int("precision", -1);
  if (!PRINTED.has(dtype) || (digits >= 0 && !floats) || digits > 90)
    c.refuse(`it prints ${dtype} with ${digits} digits`);
  if (c.attrs.flag("scientific", false) || c.attrs.flag("shortest", false)) c.refuse("it prints with exponents");
  const width = c.attrs.int("width", -1);
  const fill = c.attrs.text("fill", "");
  if (fill !== "" && fill !== "0" && fill !== "-") c.refuse(`it fills with ${JSON.stringify(fill)}`);
  return { digits: digits < 0 ? DIGITS : digits, width, fill: width < 0 ? "" : (fill as "" | "0" | "-") };
});

function stringJoin(c: RuleContext) {
  const separator = c.attrs.bytes("separator");
  const shapes = c.inputs.map(({ shape }) => shape).filter((shape) => shape === null || shape.length > 0);
  const shape = shapes.reduce<Shape>((all, each) => broadcast(all, each) ?? c.refuse("its inputs differ in shape"), []);
  return c.value(c.host(joinOp, { separator }, c.inputs)[0]!, shape);
}

function reduceJoin(c: RuleContext) {
  const value = c.input(0);
  const axes = c.ints(1, "the list of its dimensions");
  const keep = c.attrs.flag("keep_dims", false);
  const rank = value.shape?.length;
  const gone = new Set(axes.map((axis) => (axis < 0 && rank !== undefined ? axis + rank : axis)));
  const shape = value.shape?.flatMap((size, d) => (gone.has(d) ? (keep ? [1] : []) : [size])) ?? null;
  return c.value(c.host(reduceJoinOp, { separator: c.attrs.bytes("separator"), axes, keep }, [value])[0]!, shape);
}

function substr(c: RuleContext) {
  const [item, pos, length] = [c.input(0), c.input(1), c.input(2)];
  const at = broadcast(item.shape, pos.shape);
  const shape = (at === undefined ? undefined : broadcast(at, length.shape)) ?? null;
  return c.value(c.host(substrOp, unit(c), [item, pos, length])[0]!, shape);
}

function decodeRaw(c: RuleContext) {
  const [dtype] = c.dtypes;
  if (!c.attrs.flag("little_endian", true)) c.refuse("its elements are big-endian");
  if (dtype === undefined || dtype === "string" || dtype === "bool")
    return c.refuse(`its elements are of type ${dtype}`);
  const { shape } = c.input(0);
  return c.value(c.host(decodeRawOp, { dtype }, [c.input(0)])[0]!, shape && [...shape, -1]);
}

export const stringRules: Rules = {
  StringLower: pointwise(lowerOp, encoding),
  StringUpper: pointwise(upperOp, encoding),
  StringStrip: pointwise(stripOp, none),
  StringLength: pointwise(lengthOp, unit),
  StringJoin: stringJoin,
  ReduceJoin: reduceJoin,
  Substr: substr,
  AsString: asString,
  StringToNumber: pointwise(toNumberOp, (c) => {
    const dtype = c.dtypes[0]!;
    return parsedTypes.has(dtype) ? { dtype } : c.refuse(`it reads ${dtype}`);
  }),
  EncodeBase64: pointwise(encodeBase64Op, (c) => ({ pad: c.attrs.flag("pad", false) })),
  DecodeBase64: pointwise(decodeBase64Op, none),
  DecodeRaw: decodeRaw,
};
