import { integers } from "../builder.js";
import { emitCheck } from "../guards.js";
import type { RuleContext } from "../rule.js";
import type { Value } from "../value.js";
import { blanks, denseList, listOf, sizeList, type TensorList, type Write } from "./lists.js";

/** What a loop's turns wrote to a list. */
export type Gathered = {
  readonly write: Write;
  /** One tensor a turn, in the order of the turns; for a list of one tensor, what the last turn wrote. */
  readonly items: Value;
  /** Where the first turn wrote, and which way the next ones went; only for writes at a counter. */
  readonly from?: { readonly start: Value; readonly step: 1 | -1 };
  /** Whether the turns are known to fill the list from its start to its end. */
  readonly fills: boolean;
};

const FAR = 2 ** 31 - 1;
const isZero = ({ constant }: Value) => constant !== undefined && Number(constant.value().data[0]) === 0;

/** The list as it was before the loop, with what the loop wrote. */
export function putTogether(c: RuleContext, before: Value, gathered: Gathered): Value {
  const { write, items, fills } = gathered;
  const { list } = before;
  const row = write.item.shape;
  const grown = (name: string): Value => listOf({ ...items, shape: row && [-1, ...row], names: { plain: name } });
  if (!list) return c.refuse("what it takes is no list of tensors");
  if (write.at === "first") {
    return listOf({
      ...items,
      shape: row && [1, ...row],
      names: { plain: c.emit("Unsqueeze", [items, c.int64([0])]) },
    });
  }
  if (write.at === "end") {
    if (list.kind === "blank" && isZero(list.length)) return grown(c.plain(items));
    return grown(c.emit("Concat", [part(c, before, list, items), items], { axis: 0 }));
  }
  return fills ? grown(c.plain(items)) : grown(placed(c, before, list, gathered));
}

/** The first `count` tensors of the list as it was; all of them when there is no count. */
function part(c: RuleContext, before: Value, list: TensorList, like: Value, count?: string): string {
  if (list.kind === "blank") {
    return blanks(c.builder, c.node.name, count ?? sizeList(c.builder, c.node.name, list.length), like);
  }
  const elements = denseList(c.builder, c.node.name, before);
  return count === undefined ? c.plain(elements) : c.emit("Slice", [elements, c.int64([0]), count, c.int64([0])]);
}

/** What was written at a counter, between what the list had before and after these places. */
function placed(c: RuleContext, before: Value, list: TensorList, { write, items, from }: Gathered): string {
  if (!from || typeof write.at === "string") return c.refuse("where it writes to its list is not known");
  const first = sizeList(c.builder, c.node.name, from.start);
  const turns = c.emit("Shape", [items], { start: 0, end: 1 });
  const up = from.step === 1;
  const low = up ? first : c.emit("Add", [c.emit("Sub", [first, turns]), c.int64([1])]);
  const high = c.emit("Add", [low, turns]);
  const whole = list.kind === "blank" ? undefined : denseList(c.builder, c.node.name, before);
  const old =
    list.kind === "blank"
      ? sizeList(c.builder, c.node.name, list.length)
      : c.emit("Shape", [whole!], { start: 0, end: 1 });
  const size = write.at.resize ? c.emit("Max", [old, high]) : old;
  const rest = c.emit("Sub", [size, high]);

  // A list that grows has no tensors to put between its end and what is written behind it.
  const gap = whole && write.at.resize ? [c.emit("Sub", [old, low])] : [];
  const least = c.emit("Min", [low, rest, ...gap]);
  const scalar = c.emit("Reshape", [least, c.constant(integers([]))]);
  const inside = c.emit("GreaterOrEqual", [scalar, c.int64(0)]);
  c.builder.guard(emitCheck(c.builder, `"${c.node.name}" writes outside of its list`, inside));

  const ordered = up
    ? c.plain(items)
    : c.emit("Slice", [items, c.int64([-1]), c.int64([-FAR]), c.int64([0]), c.int64([-1])]);
  const nonNegative = (count: string) => c.emit("Max", [count, c.int64([0])]);
  const pieces = [ordered];
  if (!(up && isZero(from.start))) pieces.unshift(part(c, before, list, items, nonNegative(low)));
  pieces.push(
    whole
      ? c.emit("Slice", [whole, high, c.int64([FAR]), c.int64([0])])
      : blanks(c.builder, c.node.name, nonNegative(rest), items),
  );
  return c.emit("Concat", pieces, { axis: 0 });
}
