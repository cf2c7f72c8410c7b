import type { Signature } from "salver";
import { readDocument } from "../../plugins/transports/rest/json/read/document.js";
import { readInputs } from "../../plugins/transports/rest/json/read/inputs.js";
import { readInstances } from "../../plugins/transports/rest/json/read/instances.js";
import { writeResponse } from "../../plugins/transports/rest/json/write/response.js";
import { restBody } from "../harness/wire.js";
import type { Case } from "./case.js";
import type { Race } from "./race.js";

type Nested = number | readonly Nested[];
const { signal } = new AbortController();

/** What a careful user does with JSON.parse: one typed array, filled once. */
function flatten(rows: readonly Nested[]): Float32Array {
  let length = 1;
  for (let level: Nested = rows; typeof level !== "number"; level = level[0]!) length *= level.length;
  const data = new Float32Array(length);
  let at = 0;
  const visit = (each: Nested) => {
    if (typeof each === "number") data[at++] = each;
    else for (const inner of each) visit(inner);
  };
  visit(rows);
  return data;
}

function nested(data: Float32Array, shape: readonly number[]): readonly unknown[] {
  let list: readonly unknown[] = Array.from(data);
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const [size, whole] = [shape[axis]!, list];
    list = Array.from({ length: whole.length / size }, (_, i) => whole.slice(i * size, (i + 1) * size));
  }
  return list;
}

/** Requests read and answers written, by rows and by columns. */
export function jsonRaces({ size, tensor }: Case): readonly Race[] {
  const { data, shape } = tensor;
  const inputs = { x: { dtype: "float32" as const, shape: [-1, ...shape.slice(1)] } };
  const signature: Signature = { inputs, outputs: inputs };
  const rows = Buffer.from(restBody({ x: tensor }));
  const columns = Buffer.from(rows.toString().replace('{"instances":', '{"inputs":'));
  return [
    {
      what: "JSON read, rows",
      size,
      expected: data,
      runners: [
        {
          name: "Salver",
          run: async () => {
            const { instances } = await readDocument(rows, signal);
            return (await readInstances(rows, instances!, signature, signal)).x!.data as Float32Array;
          },
        },
        { name: "JSON.parse and flatten", run: () => flatten(JSON.parse(rows.toString()).instances) },
      ],
    },
    {
      what: "JSON read, columns",
      size,
      expected: data,
      runners: [
        {
          name: "Salver",
          run: async () => {
            const document = await readDocument(columns, signal);
            return (await readInputs(columns, document.inputs!, signature, signal)).x!.data as Float32Array;
          },
        },
        { name: "JSON.parse and flatten", run: () => flatten(JSON.parse(columns.toString()).inputs) },
      ],
    },
    {
      what: "JSON written, rows",
      size,
      runners: [
        { name: "Salver", run: () => writeResponse("row", { x: tensor }, { signal }) },
        {
          name: "nested lists and JSON.stringify",
          run: () => Buffer.from(JSON.stringify({ predictions: nested(data, shape) })),
        },
      ],
    },
  ];
}
