import { allocate, elementCount, type NumericDType, type Tensor, tensor } from "../../../../../core/index.js";
import { type Builder, integers } from "../builder.js";
import { type Constant, constantOf } from "../constant.js";
import { emitCheck } from "../guards.js";
import { Refusal } from "../refusal.js";
import { borrowed, type Shape, sameTensor, type Value } from "../value.js";

/** A list of tensors of one shape. */
export type TensorList =
  /** As one tensor whose first dimension counts them. */
  | { readonly kind: "dense"; readonly elements: Value; readonly pending?: Pending }
  /** None of its `length` tensors has been set; `element` is what is known of their shape. */
  | { readonly kind: "blank"; readonly length: Value; readonly element: Shape }
  /** What a loop writes, as a turn of it finds it. */
  | { readonly kind: "open"; readonly slot: Slot }
  /** What a loop writes, once the turn has written its tensor. */
  | { readonly kind: "set"; readonly slot: Slot; readonly write: Write };

/** What must hold for the tensors to have a shape at all, unless whoever reads them knows it. */
export type Pending = { readonly words: string; readonly holds: string };

/** A list that a loop writes and does not read: what the turns write is gathered, and put together after the loop. */
export type Slot = {
  /** Names of numbers that each turn adds one to, or takes one from. */
  readonly counters: ReadonlySet<string>;
  /** Whether it has room for one tensor. */
  readonly single: boolean;
};

export type Write = {
  readonly item: Value;
  readonly at: "end" | "first" | { readonly counter: string; readonly resize: boolean };
};

/** Thrown where a list is used otherwise, so that the loop must carry it as it is. */
export class NeedsWhole extends Error {
  constructor(readonly slot: Slot) {
    super("a loop reads the list it writes");
  }
}

export function borrowedList(list: TensorList): TensorList {
  if (list.kind === "dense") return { ...list, elements: borrowed(list.elements) };
  return list.kind === "blank" ? { ...list, length: borrowed(list.length) } : list;
}

export function sameList(a: TensorList | undefined, b: TensorList | undefined): boolean {
  if (a?.kind === "dense") return b?.kind === "dense" && sameTensor(a.elements, b.elements);
  if (a?.kind === "blank")
    return b?.kind === "blank" && a.length.constant !== undefined && a.length.constant.id === b.length.constant?.id;
  return a?.kind === "open" && b?.kind === "open" && a.slot === b.slot;
}

export function zeros(dtype: Value["dtype"], shape: readonly number[]): Constant {
  const count = elementCount(shape);
  if (count > 2 ** 24) throw new Refusal(`it starts as ${count} zeros`);
  if (dtype === "string") {
    return constantOf({ dtype, shape, data: new Array<Uint8Array>(count).fill(new Uint8Array()) });
  }
  return constantOf(tensor(dtype as NumericDType, shape, allocate(dtype as NumericDType, count) as never) as Tensor);
}

/** The size as a list of one int64. */
export function sizeList(builder: Builder, scope: string, size: Value): string {
  if (size.constant) return builder.initializer(integers([Number(size.constant.value().data[0])]));
  const wide = builder.emit(scope, "Cast", [builder.plain(size)], { to: 7 })[0]!;
  return builder.emit(scope, "Reshape", [wide, builder.initializer(integers([1]))])[0]!;
}

/** `count` (a list of one int64) tensors of zeros, each in the shape of the first in `like`. */
export function blanks(builder: Builder, scope: string, count: string, like: Value): string {
  const rest = builder.emit(scope, "Shape", [builder.plain(like)], { start: 1 })[0]!;
  const shape = builder.emit(scope, "Concat", [count, rest], { axis: 0 })[0]!;
  return builder.emit(scope, "ConstantOfShape", [shape], { value: { tensor: zeros(like.dtype, [1]) } })[0]!;
}

const isKnown = (shape: Shape): shape is readonly number[] => shape !== null && !shape.includes(-1);

/** The tensors of a blank list, which are zeros. @throws Refusal where their shape is not known */
function blankElements(builder: Builder, scope: string, value: Value, list: TensorList & { kind: "blank" }): Value {
  const { length, element } = list;
  if (!isKnown(element)) throw new Refusal("a list holds tensors that were never set and whose shape is not known");
  const tail = builder.initializer(integers(element));
  const shape = builder.emit(scope, "Concat", [sizeList(builder, scope, length), tail], { axis: 0 })[0]!;
  const fill = { value: { tensor: zeros(value.dtype, [1]) } };
  const plain = builder.emit(scope, "ConstantOfShape", [shape], fill)[0]!;
  const count = length.constant ? Number(length.constant.value().data[0]) : -1;
  return { dtype: value.dtype, shape: [count, ...element], from: value.from, names: { plain } };
}

/** The list's tensors as one. @throws Refusal, NeedsWhole */
export function denseList(builder: Builder, scope: string, value: Value): Value {
  const { list } = value;
  if (!list) throw new Refusal("what it takes is no list of tensors");
  if (list.kind === "dense") {
    if (list.pending) builder.guard(emitCheck(builder, list.pending.words, list.pending.holds));
    return list.elements;
  }
  if (list.kind === "blank") return blankElements(builder, scope, value, list);
  throw new NeedsWhole(list.slot);
}

export const listOf = (elements: Value): Value => ({
  dtype: elements.dtype,
  shape: null,
  from: elements.from,
  names: {},
  list: { kind: "dense", elements },
});
