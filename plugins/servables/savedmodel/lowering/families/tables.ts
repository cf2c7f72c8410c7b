import { tensor } from "../../../../../core/index.js";
import { lookupOp } from "../../steps/families/lookup.js";
import type { Table } from "../../steps/tables/table.js";
import { constantOf } from "../constant.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

const tableOf = (c: RuleContext): Table => c.input(0).table ?? c.refuse("it looks into something that is no table");

function find(c: RuleContext): Value {
  const table = tableOf(c);
  const [keys, fallback] = [c.input(1), c.input(2)];
  if (keys.dtype !== table.keyType || fallback.dtype !== table.valueType) c.refuse("its types are not the table's");
  if (fallback.shape?.length !== 0) c.refuse("its default is no scalar");
  return c.value(c.host(lookupOp, { table }, [keys, fallback])[0]!, keys.shape);
}

const size = (c: RuleContext): Value =>
  c.result(constantOf(tensor("int64", [], BigInt64Array.of(BigInt(tableOf(c).count)))));

/** Tables do not change while a model is served: what fills them, and what they hold, is known when it is loaded. */
export const tableRules: Rules = {
  LookupTableFind: find,
  LookupTableFindV2: find,
  LookupTableSize: size,
  LookupTableSizeV2: size,
};
