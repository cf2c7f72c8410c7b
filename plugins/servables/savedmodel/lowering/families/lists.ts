import type { DType } from "../../../../../core/index.js";
import { integers } from "../builder.js";
import { blanks, denseList, listOf, NeedsWhole, sizeList } from "../loops/lists.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import type { Shape, Value } from "../value.js";

const dense = (c: RuleContext, value: Value) => denseList(c.builder, c.node.name, value);
const elementType = (c: RuleContext): DType =>
  c.attrs.dtype("element_dtype") ?? c.refuse("its elements are no tensors");

/** The element shape that an input gives: a list with -1 where open, or a single -1. */
function givenShape(c: RuleContext, index: number): Shape {
  const { constant, shape } = c.input(index);
  if (!constant) return shape?.length === 1 && shape[0]! >= 0 ? new Array<number>(shape[0]!).fill(-1) : null;
  if (constant.shape.length === 0) return null;
  return Array.from(constant.value().data as ArrayLike<number | bigint>, Number);
}

const blank = (c: RuleContext, length: Value): Value => ({
  dtype: elementType(c),
  shape: null,
  from: length.from,
  names: {},
  list: { kind: "blank", length, element: givenShape(c, 0) },
});

/** Indices that are errors where they are negative, as TensorFlow has it, and not counted from the end. */
function checked(c: RuleContext, index: Value, elements: Value): string {
  const { constant } = index;
  if (index.natural) return c.plain(index);
  if (constant && Array.from(constant.value().data as ArrayLike<number | bigint>, Number).every((i) => i >= 0)) {
    return c.plain(index);
  }
  const size = c.emit("Gather", [c.emit("Shape", [elements]), c.int64(0)]);
  const narrow = index.dtype === "int64" ? size : c.emit("Cast", [size], { to: c.onnxType(index.dtype) });
  return c.emit("Where", [c.emit("Less", [index, c.scalar(index.dtype, 0)]), narrow, index]);
}

/** The list whose tensors `name` holds; the node's own type is that of a list. */
const listed = (c: RuleContext, name: string, shape: Shape, { dtype }: Value): Value =>
  listOf({ ...c.value(name, shape), dtype });

const rest = (shape: Shape): Shape => shape?.slice(1) ?? null;
const unsqueezed = (c: RuleContext, item: Value | string) => c.emit("Unsqueeze", [item, c.int64([0])]);
const counted = (item: Value, count: number): Shape => item.shape && [count, ...item.shape];
const lengthOf = ({ constant }: Value) => (constant ? Number(constant.value().data[0]) : -1);

/** One of the list's tensors, or several. */
export function gather(c: RuleContext, list: Value, indices: Value): Value {
  const elements = dense(c, list);
  const shape = elements.shape && indices.shape && [...indices.shape, ...elements.shape.slice(1)];
  return c.value(c.emit("Gather", [elements, checked(c, indices, elements)], { axis: 0 }), shape);
}

/** The tensors of a list that `item` is about to join. */
function elementsFor(c: RuleContext, value: Value, item: Value): Value {
  const { list } = value;
  if (list?.kind !== "blank") return dense(c, value);
  const { constant: _, ...rest } = item;
  return blankLike(c, list.length, { ...rest, shape: counted(item, 1), names: { plain: unsqueezed(c, item) } });
}

/** As many tensors of zeros, each in the shape of the first in `items`. */
function blankLike(c: RuleContext, length: Value, items: Value): Value {
  const plain = blanks(c.builder, c.node.name, sizeList(c.builder, c.node.name, length), items);
  const shape = rest(items.shape);
  return { dtype: items.dtype, shape: shape && [lengthOf(length), ...shape], from: items.from, names: { plain } };
}

export function setItem(c: RuleContext, value: Value, index: Value, item: Value, resize: boolean): Value {
  const list = value.list ?? c.refuse("what it takes is no list of tensors");
  if (list.kind === "open") {
    const counter = index.names.plain;
    if (counter !== undefined && list.slot.counters.has(counter)) {
      return { ...value, list: { kind: "set", slot: list.slot, write: { item, at: { counter, resize } } } };
    }
    if (list.slot.single && index.constant && lengthOf(index) === 0) {
      return { ...value, list: { kind: "set", slot: list.slot, write: { item, at: "first" } } };
    }
    throw new NeedsWhole(list.slot);
  }
  if (resize) c.refuse("it may make its list longer");
  const elements = elementsFor(c, value, item);
  const at = c.emit("Reshape", [checked(c, index, elements), c.int64([1, 1])]);
  const wide = index.dtype === "int64" ? at : c.emit("Cast", [at], { to: c.onnxType("int64") });
  return listed(c, c.emit("ScatterND", [elements, wide, unsqueezed(c, item)]), elements.shape, item);
}

function pushBack(c: RuleContext): Value {
  const [value, item] = [c.input(0), c.input(1)];
  const list = value.list ?? c.refuse("what it takes is no list of tensors");
  if (list.kind === "open") return { ...value, list: { kind: "set", slot: list.slot, write: { item, at: "end" } } };
  if (list.kind === "blank" && lengthOf(list.length) === 0)
    return listed(c, unsqueezed(c, item), counted(item, 1), item);
  const elements = elementsFor(c, value, item);
  const name = c.emit("Concat", [elements, unsqueezed(c, item)], { axis: 0 });
  return listed(c, name, counted(item, -1), item);
}

function popBack(c: RuleContext): readonly Value[] {
  const elements = dense(c, c.input(0));
  const kept = c.emit("Slice", [elements, c.int64([0]), c.int64([-1]), c.int64([0])]);
  const shape = rest(elements.shape);
  const list = listed(c, kept, shape && [-1, ...shape], elements);
  return [list, c.value(c.emit("Gather", [elements, c.int64(-1)], { axis: 0 }), shape, { output: 1 })];
}

function stack(c: RuleContext): Value {
  const value = c.input(0);
  const given = givenShape(c, 1);
  const { list } = value;
  const elements = isFull(given) ? elementsOf(c, value, given) : dense(c, value);
  const count = c.attrs.int("num_elements", -1);
  if (count < 0 || elements.shape?.[0] === count || (list?.kind === "blank" && lengthOf(list.length) === count)) {
    return elements;
  }
  const tail = new Array<number>(c.requireRank(elements) - 1).fill(0);
  const shape = counted({ ...elements, shape: rest(elements.shape) }, count);
  return c.value(c.emit("Reshape", [elements, c.int64([count, ...tail])]), shape);
}

const isFull = (shape: Shape): shape is readonly number[] => shape !== null && !shape.includes(-1);

/** The tensors of a list whose shape is given, so that it is known even where none was ever set. */
function elementsOf(c: RuleContext, value: Value, given: readonly number[]): Value {
  const { list } = value;
  if (list?.kind === "blank")
    return dense(c, { ...value, list: isFull(list.element) ? list : { ...list, element: given } });
  if (list?.kind !== "dense" || !list.pending) return dense(c, value);
  const count = c.emit("Shape", [list.elements], { start: 0, end: 1 });
  const shape = c.emit("Concat", [count, c.int64(given)], { axis: 0 });
  const name = c.emit("Reshape", [list.elements, shape], { allowzero: 1 });
  return c.value(name, [list.elements.shape?.[0] ?? -1, ...given]);
}

export function length(c: RuleContext, value: Value): Value {
  const { list } = value;
  if (list?.kind === "blank") return list.length;
  const size = c.emit("Gather", [c.emit("Shape", [dense(c, value)]), c.int64(0)]);
  return c.value(c.emit("Cast", [size], { to: c.onnxType("int32") }), []);
}

/** The list's tensors one after the other, and how long each is, which is the same for all. */
const concat: Rule = (c) => {
  const elements = dense(c, c.input(0));
  if (c.node.op === "TensorListConcat") c.attrs.shape("element_shape");
  const rank = c.requireRank(elements);
  if (rank < 2) c.refuse("its list holds scalars");
  const shape = c.emit("Shape", [elements]);
  const tail = c.emit("Slice", [shape, c.int64([2]), c.int64([rank]), c.int64([0])]);
  const merged = c.emit("Concat", [c.int64([-1]), tail], { axis: 0 });
  // A list of no tensors at all has no rows to count.
  const flat = c.emit("Reshape", [elements, merged], { allowzero: 1 });
  const size = c.emit("Slice", [shape, c.int64([1]), c.int64([2]), c.int64([0])]);
  const count = c.emit("Slice", [shape, c.int64([0]), c.int64([1]), c.int64([0])]);
  const value = c.value(flat, [-1, ...elements.shape!.slice(2)]);
  return [value, c.value(c.emit("Expand", [size, count]), [-1], { output: 1 })];
};

function split(c: RuleContext): Value {
  const value = c.input(0);
  const lengths = c.ints(2, "its lengths");
  const size = lengths[0];
  if (size === undefined || lengths.some((each) => each !== size)) c.refuse("its parts differ in length");
  const tail = value.shape?.slice(1) ?? c.refuse("the rank of its input is not known before the model runs");
  c.requireRank(value);
  const dims = c.emit("Slice", [c.emit("Shape", [value]), c.int64([1]), c.int64([tail.length + 1]), c.int64([0])]);
  const shape = c.emit("Concat", [c.int64([lengths.length, size!]), dims], { axis: 0 });
  return listed(c, c.emit("Reshape", [value, shape], { allowzero: 1 }), [lengths.length, size!, ...tail], value);
}

function scatter(c: RuleContext, elements: Value, items: Value, indices: Value): Value {
  const column = c.emit("Unsqueeze", [checked(c, indices, elements), c.int64([1])]);
  const wide = indices.dtype === "int64" ? column : c.emit("Cast", [column], { to: c.onnxType("int64") });
  return listed(c, c.emit("ScatterND", [elements, wide, items]), elements.shape, items);
}

export function scatterInto(c: RuleContext, value: Value, items: Value, indices: Value): Value {
  const { list } = value;
  return scatter(c, list?.kind === "blank" ? blankLike(c, list.length, items) : dense(c, value), items, indices);
}

/** The number after the largest of these. */
function oneMoreThan(c: RuleContext, indices: Value): Value {
  const largest = c.emit("ReduceMax", [indices], { keepdims: 0 });
  const plain = c.emit("Add", [largest, c.scalar(indices.dtype, 1)]);
  return { dtype: indices.dtype, shape: [], from: indices.from, names: { plain } };
}

/** A new list with the tensors at these places, and zeros between. */
function scattered(c: RuleContext, given: Value | undefined): Value {
  const [items, indices] = [c.input(0), c.input(1)];
  const unsaid = given === undefined || (given.constant !== undefined && lengthOf(given) < 0);
  if (given && !unsaid && !given.constant) c.refuse("how long its list is, is computed while the model runs");
  return scatter(c, blankLike(c, unsaid ? oneMoreThan(c, indices) : given!, items), items, indices);
}

export const listRules: Rules = {
  TensorListReserve: (c) => blank(c, c.input(1)),
  EmptyTensorList: (c) => {
    if (c.int(1, "its greatest length") >= 0) c.refuse("its length is bounded");
    return blank(c, c.result(integers(0, "int32")));
  },
  TensorListFromTensor: (c) => listOf(c.input(0)),
  TensorListStack: stack,
  TensorListGetItem: (c) => gather(c, c.input(0), c.input(1)),
  TensorListGather: (c) => gather(c, c.input(0), c.input(1)),
  TensorListSetItem: (c) =>
    setItem(c, c.input(0), c.input(1), c.input(2), c.attrs.flag("resize_if_index_out_of_bounds", false)),
  TensorListPushBack: pushBack,
  TensorListPopBack: popBack,
  TensorListLength: (c) => length(c, c.input(0)),
  TensorListConcat: concat,
  TensorListConcatV2: concat,
  TensorListSplit: split,
  TensorListScatter: (c) => scattered(c, undefined),
  TensorListScatterV2: (c) => scattered(c, c.input(3)),
  TensorListScatterIntoExistingList: (c) => scatterInto(c, c.input(0), c.input(1), c.input(2)),
};
