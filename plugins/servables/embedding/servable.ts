import {
  abortError,
  type Call,
  failedPrecondition,
  record,
  resourceExhausted,
  type Servable,
  type TensorOf,
  type Tensors,
  tensor,
} from "../../../core/index.js";
import type { TokenTable } from "../../../formats/token-table/token-table.js";
import type { Neighbours } from "./index/neighbours.js";
import type { EmbeddingOptions } from "./options.js";
import { checkPadded, paddedBags, raggedBags, splitsOf } from "./serve/bag-inputs.js";
import { runNearest } from "./serve/nearest.js";
import { type RowRules, rowsOfIds, rowsOfKeys } from "./serve/rows.js";
import { describeSignatures, type FirstItems, type Role } from "./serve/signatures.js";
import type { Table } from "./table/table.js";

export type EmbeddingSetup = {
  readonly table: Table;
  readonly neighbours: Neighbours;
  readonly keys: TokenTable | undefined;
  readonly options: EmbeddingOptions;
  readonly engine: string;
  /** Gives back what the table lies in; comes after all threads have ended. */
  readonly release: () => Promise<void>;
};

/** One tensor's bytes: more are no answer that a client could take. */
const MOST_BYTES = 2 ** 31;

const SHOWN = 3;

/** The first rows of the table, by id and by key. */
function firstItems(size: number, keys: TokenTable | undefined): FirstItems {
  const rows = Array.from({ length: Math.min(SHOWN, size) }, (_, row) => row);
  return {
    ids: tensor("int64", [rows.length], BigInt64Array.from(rows, BigInt)),
    ...(keys
      ? {
          keys: tensor(
            "string",
            [rows.length],
            rows.map((row) => keys.token(row)),
          ),
        }
      : {}),
  };
}

function checkSize(vectors: number, width: number): void {
  if (4 * vectors * width <= MOST_BYTES) return;
  throw resourceExhausted(
    `${vectors} vectors of ${width} numbers are more than an answer can hold, 2 GiB; ask for fewer`,
  );
}

/** A table that is ready to answer. Owns the table, its neighbours and what `release` gives back. */
export function embeddingServable(setup: EmbeddingSetup): Servable {
  const { table, neighbours, keys, options, engine, release } = setup;
  const { rows: size, width } = table.matrix;
  const described = describeSignatures(width, keys !== undefined, firstItems(size, keys));
  const rules: RowRules = { size, strict: options.unknown === "error" };
  const padding = BigInt(options.padding);
  const nearest = {
    neighbours,
    keys,
    width,
    rows: size,
    metric: options.metric,
    mostNeighbours: options.mostNeighbours,
  };

  const rowsOf = (inputs: Tensors, by: "ids" | "keys", chosen: RowRules, signal: AbortSignal) => {
    const items = inputs[by]!;
    if (by === "ids" || !keys) return rowsOfIds(items as TensorOf<"int64">, chosen);
    return rowsOfKeys(items as TensorOf<"string">, keys, chosen, signal);
  };
  const vectors = (data: Float32Array, shape: readonly number[]) => ({ embeddings: tensor("float32", shape, data) });

  const run = async (role: Role, { inputs, signal }: Call): Promise<Tensors> => {
    if (role.kind === "nearest") return runNearest(inputs, nearest, signal);
    const { kind, by } = role;
    const items = inputs[by]!;
    if (kind === "gather") {
      checkSize(items.data.length, width);
      const rows = await rowsOf(inputs, by, rules, signal);
      return vectors(await table.gather(rows, signal), [...items.shape, width]);
    }
    if (kind === "padded") {
      checkPadded(items, by);
      checkSize(items.shape[0]!, width);
      const rows = await rowsOf(inputs, by, { ...rules, padding }, signal);
      const bags = paddedBags(inputs, by, rows, role.combiner);
      return vectors(await table.combine(bags, signal), [items.shape[0]!, width]);
    }
    const splits = splitsOf(inputs, items, by);
    checkSize(splits.length - 1, width);
    const bags = raggedBags(inputs, by, await rowsOf(inputs, by, rules, signal), splits, role.combiner);
    return vectors(await table.combine(bags, signal), [splits.length - 1, width]);
  };
  return {
    signatures: record([...described].map(([name, { signature }]) => [name, signature] as const)),
    engine,
    run: async (call) => {
      if (call.signal.aborted) throw abortError(call.signal);
      const role = described.get(call.signature)?.role;
      if (role) return run(role, call);
      throw failedPrecondition(
        `a table has the signatures ${[...described.keys()].join(", ")}, not "${call.signature}"`,
      );
    },
    [Symbol.asyncDispose]: async () => {
      await neighbours[Symbol.asyncDispose]();
      await table[Symbol.asyncDispose]();
      await release();
    },
  };
}
