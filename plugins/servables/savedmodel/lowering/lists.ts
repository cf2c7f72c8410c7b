import type { Builder } from "./builder.js";
import type { RuleContext } from "./rule.js";
import { borrowed, sameTensor, type Value } from "./value.js";

/** A list whose tensors are of one shape, as one tensor whose first dimension counts them. */
export type TensorList = { readonly kind: "dense"; readonly elements: Value };

export const borrowedList = (list: TensorList): TensorList => ({ ...list, elements: borrowed(list.elements) });

export const sameList = (a: TensorList | undefined, b: TensorList | undefined): boolean =>
  a !== undefined && b !== undefined && sameTensor(a.elements, b.elements);

/** The list's tensors as one. */
export const denseList = (c: RuleContext, _builder: Builder, { list }: Value): Value =>
  list?.elements ?? c.refuse("it takes a list of tensors");
