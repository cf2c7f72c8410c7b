import { invalidArgument } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import { finderOf, type Table, valuesOf } from "../tables/table.js";
import { blank, itemsOf } from "../tensors.js";

/** LookupTableFind: keys and the default as inputs; a key that the table has not gives the default. */
export const lookupOp: HostOp<{ readonly table: Table }> = {
  name: "LookupTableFind",
  open: ({ table }) => {
    const finder = finderOf(table);
    const valueAt = valuesOf(table);
    return async ([keys, fallback], pace) => {
      if (fallback!.data.length !== 1) throw invalidArgument("the default of a table's lookup is one value");
      const [missing] = [itemsOf(fallback!)[0]!];
      const { tensor, items } = blank(table.valueType, keys!.shape);
      const find = finder(keys!);
      await pace.each(items.length, (i) => {
        const place = find(i);
        items[i] = place < 0 ? missing : valueAt(place);
      });
      return [tensor];
    };
  },
};
