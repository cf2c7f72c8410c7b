import {
  abortError,
  asIs,
  type Call,
  type Caller,
  failedPrecondition,
  isGone,
  type MaybePromise,
  record,
  resourceExhausted,
  type Servable,
  type TensorOf,
  type Tensors,
  tensor,
  whenDone,
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

  const rowsOf = (inputs: Tensors, by: "ids" | "keys", chosen: RowRules, caller: Caller) => {
    const items = inputs[by]!;
    if (by === "ids" || !keys) return rowsOfIds(items as TensorOf<"int64">, chosen);
    return rowsOfKeys(items as TensorOf<"string">, keys, chosen, caller.signal);
  };
  const answer = (shape: readonly number[]) => (data: Float32Array) => ({
    embeddings: tensor("float32", shape, data),
  });

  const run = (role: Role, call: Call): MaybePromise<Tensors> => {
    const { inputs } = call;
    if (role.kind === "nearest") return runNearest(inputs, nearest, call.signal);
    const { kind, by } = role;
    const items = inputs[by]!;
    if (kind === "gather") {
      checkSize(items.data.length, width);
      return whenDone(
        () => rowsOf(inputs, by, rules, call),
        (rows) => whenDone(() => table.gather(rows, call), answer([...items.shape, width])),
      );
    }
    if (kind === "padded") checkPadded(items, by);
    const splits = kind === "padded" ? undefined : splitsOf(inputs, items, by);
    const count = splits ? splits.length - 1 : items.shape[0]!;
    checkSize(count, width);
    return whenDone(
      () => rowsOf(inputs, by, splits ? rules : { ...rules, padding }, call),
      (rows) => {
        const bags = splits
          ? raggedBags(inputs, by, rows, splits, role.combiner)
          : paddedBags(inputs, by, rows, role.combiner);
        return whenDone(() => table.combine(bags, call), answer([count, width]));
      },
    );
  };
  return {
    signatures: record([...described].map(([name, { signature }]) => [name, signature] as const)),
    engine,
    run: (call) => {
      const work = () => {
        if (isGone(call)) throw abortError(call.signal);
        const role = described.get(call.signature)?.role;
        if (role) return run(role, call);
        throw failedPrecondition(
          `a table has the signatures ${[...described.keys()].join(", ")}, not "${call.signature}"`,
        );
      };
      return whenDone(work, asIs);
    },
    [Symbol.asyncDispose]: async () => {
      await neighbours[Symbol.asyncDispose]();
      await table[Symbol.asyncDispose]();
      await release();
    },
  };
}
