import { elementCount, invalidArgument, type Tensor, tensor } from "../../../../../core/index.js";
import { fingerprint64, fingerprintCat64 } from "../../../../../formats/fingerprint/farm-hash.js";
import { fromBigInt, modulo, type Uint64 } from "../../../../../formats/fingerprint/uint64.js";
import type { HostOp } from "../host-op.js";
import { itemsOf, numbersOf } from "../tensors.js";

export type Crossing = {
  /** How many of the inputs' columns are sparse: their indices, values and shapes come first. */
  readonly sparse: number;
  /** 0 for as many as there are hashes. */
  readonly buckets: bigint;
  readonly key: bigint;
};

/** A column's features of each row. */
type Column = { readonly rows: number; readonly features: (row: number) => readonly Uint64[] };

const ALL = 2n ** 63n - 1n;

/** Of a string its fingerprint, of an integer itself. */
const featureOf = (item: number | bigint | Uint8Array): Uint64 =>
  item instanceof Uint8Array ? fingerprint64(item) : fromBigInt(BigInt(item));

function denseColumn(given: Tensor): Column {
  const [rows = 0, ...rest] = given.shape;
  if (rest.length !== 1) throw invalidArgument(`Dense inputs should be a matrix but received shape [${given.shape}]`);
  const [width, items] = [elementCount(rest), itemsOf(given)];
  return { rows, features: (row) => Array.from({ length: width }, (_, i) => featureOf(items[row * width + i]!)) };
}

function sparseColumn(indices: Tensor, values: Tensor, shape: Tensor): Column {
  const rows = numbersOf(shape)[0] ?? 0;
  const items = itemsOf(values);
  const byRow = new Map<number, Uint64[]>();
  const places = numbersOf(indices);
  for (let i = 0; i < items.length; i++) {
    const row = places[2 * i]!;
    if (!(row >= 0 && row < rows)) throw invalidArgument(`the row ${row} of a sparse input is not below ${rows}`);
    const list = byRow.get(row) ?? [];
    byRow.set(row, list);
    list.push(featureOf(items[i]!));
  }
  return { rows, features: (row) => byRow.get(row) ?? [] };
}

function columnsOf(sparse: number, inputs: readonly Tensor[]): Column[] {
  return [
    ...Array.from({ length: sparse }, (_, i) => sparseColumn(inputs[i]!, inputs[sparse + i]!, inputs[2 * sparse + i]!)),
    ...inputs.slice(3 * sparse).map(denseColumn),
  ];
}

/** SparseCross with hashed outputs: every combination of one feature of each column; the last column moves fastest. */
export const crossOp: HostOp<Crossing> = {
  name: "SparseCross",
  open:
    ({ sparse, buckets, key }) =>
    async (inputs, pace) => {
      const columns = columnsOf(sparse, inputs);
      const rows = columns[0]?.rows ?? 0;
      const odd = columns.findIndex((column) => column.rows !== rows);
      if (odd >= 0) {
        const what = odd < sparse ? `sparse tensor ${odd}` : `dense tensor ${odd - sparse}`;
        throw invalidArgument(`Expected batch size ${rows} got ${columns[odd]!.rows} at ${what}`);
      }
      const divisor = buckets === 0n ? ALL : buckets;
      const start = fromBigInt(key);
      const indices: bigint[] = [];
      const values: bigint[] = [];
      let most = 0;
      await pace.each(rows, (row) => {
        const hashes = columns.reduce<readonly Uint64[]>(
          (crossed, column) => {
            const features = column.features(row);
            return crossed.flatMap((hash) => features.map((feature) => fingerprintCat64(hash, feature)));
          },
          [start],
        );
        most = Math.max(most, hashes.length);
        for (const [i, hash] of hashes.entries()) {
          indices.push(BigInt(row), BigInt(i));
          values.push(modulo(hash, divisor));
        }
      });
      return [
        tensor("int64", [values.length, 2], BigInt64Array.from(indices)),
        tensor("int64", [values.length], BigInt64Array.from(values)),
        tensor("int64", [2], BigInt64Array.of(BigInt(rows), BigInt(most))),
      ];
    },
};
