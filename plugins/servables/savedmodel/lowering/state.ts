import type { Node } from "../graph/node.js";
import type { Table } from "../steps/tables/table.js";
import type { Constant } from "./constant.js";

/** What a model holds besides its graph. */
export type State = {
  /** The value of a variable. @throws ServingError that names it; Refusal when it only comes about as the model runs */
  readonly variable: (node: Node) => Constant;
  /** The contents of a table. @throws like `variable` */
  readonly table: (node: Node) => Table;
};
