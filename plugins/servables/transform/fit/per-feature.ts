import { type ColumnType, numbersOf } from "../column.js";
import { featuresOf } from "../ops/expect.js";
import type { Accumulator } from "../ops/op.js";
import { gathered } from "../ops/values.js";
import type { Statistic } from "./moments.js";

/** A statistic of each feature of a column; `pick` takes from each the values of `options`, in their order. */
export function fitFeatures<T>(
  type: ColumnType,
  create: () => Statistic<T>,
  options: readonly string[],
  pick: (statistic: T) => readonly number[],
): Accumulator {
  const statistics = Array.from({ length: featuresOf(type) }, create);
  return {
    add: ([column]) => {
      const values = numbersOf(column);
      for (let at = 0, j = 0; at < values.length; at++) {
        statistics[j]!.add(values[at]!);
        if (++j === statistics.length) j = 0;
      }
    },
    finish: () => {
      const picked = statistics.map((statistic) => pick(statistic.finish()));
      return Object.fromEntries(
        options.map((option, i) => [
          option,
          gathered(
            type.row,
            picked.map((values) => values[i]!),
          ),
        ]),
      );
    },
  };
}
