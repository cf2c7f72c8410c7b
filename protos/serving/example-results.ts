import type { Classes } from "../../core/index.js";
import { bytes, type Field, float, message } from "../wire/writer.js";

// By hand: a label is whatever bytes the graph gave, and a generated message would hold only UTF-8.

/** A float field; zero is what an absent one means, and minus zero is not zero. */
const number = (field: number, value: number): readonly Field[] => (Object.is(value, 0) ? [] : [float(field, value)]);

/** A ClassificationResult as field `field`. */
export function classificationResult(field: number, results: readonly Classes[]): Field {
  const toClass = ({ label, score }: Classes[number]) =>
    message(1, [...(label.length === 0 ? [] : [bytes(1, label)]), ...number(2, score)]);
  return message(
    field,
    results.map((classes) => message(1, classes.map(toClass))),
  );
}

/** A RegressionResult as field `field`. */
export function regressionResult(field: number, values: Float32Array): Field {
  return message(
    field,
    Array.from(values, (value) => message(1, number(1, value))),
  );
}
