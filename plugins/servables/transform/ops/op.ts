import type { z } from "zod";
import type { Column, ColumnType } from "../column.js";

export type SliceContext = {
  /**
   * Does a piece of work, and lets the event loop turn when this turn's budget is spent. For steps that wait for others:
   * what they do afterwards is not timed with the slice.
   */
  readonly pace: (work: () => void) => Promise<void> | undefined;
};

/**
 * Makes columns of columns, row by row: a row's result depends on that row alone, so that a slice of a batch gives the slice
 * of its results. Does not change its inputs.
 * @throws RowError for a row that cannot be
 */
export type Kernel = (
  columns: readonly Column[],
  rows: number,
  context: SliceContext,
) => readonly Column[] | Promise<readonly Column[]>;

export type Opened = {
  /** Of the results, in the order of `to`. */
  readonly types: readonly ColumnType[];
  readonly run: Kernel;
  /** It waits for work on other threads. */
  readonly waits?: boolean;
};

/** What a step can reach while it is opened. */
export type Site = {
  /** How many names `to` has. */
  readonly results: number;
  /** A file beside the transform file. @throws StepProblem when it is not there */
  read(file: string, option: string): Promise<Uint8Array>;
};

/** A fitted value as the file has it. */
export type Fitted = number | string | readonly (number | string)[];

/** Takes in columns, slice by slice; gives the fitted options. */
export interface Accumulator {
  add(columns: readonly Column[]): void;
  /** @throws StepProblem when the data cannot give the values, e.g. when there were no rows */
  finish(): Readonly<Record<string, Fitted>>;
}

export type Fitting<O> = {
  /** The options that data gives. */
  readonly options: readonly (keyof O & string)[];
  /** Those of them that are missing for this step to run. */
  missing(options: O): readonly string[];
  start(inputs: readonly ColumnType[], options: O): Accumulator;
};

/**
 * A kind of step. `open` checks the types of what it is given and makes what runs.
 */
export type Op<O> = {
  readonly name: string;
  /** One sentence, for the table of all. */
  readonly about: string;
  /** What it takes and what it gives, for the table of all. */
  readonly takes: string;
  readonly gives: string;
  /** The step's own keys, beside op, from and to. A strict object, each with a description. */
  readonly options: z.ZodObject;
  /** @throws StepProblem */
  open(inputs: readonly ColumnType[], options: O, site: Site): Opened | Promise<Opened>;
  readonly fitting?: Fitting<O>;
};

/** An op whose options are known only to itself. */
export type AnyOp = Op<never>;

/** Ties an op's options to its schema. */
export function defineOp<S extends z.ZodObject>(op: Omit<Op<z.infer<S>>, "options"> & { readonly options: S }): AnyOp {
  return op as unknown as AnyOp;
}

/** Something wrong with a step, seen before there are rows. `option` is the key at fault; `from` when absent. */
export class StepProblem extends Error {
  constructor(
    message: string,
    readonly option = "from",
  ) {
    super(message);
  }
}

/** @throws StepProblem */
export function refuse(message: string, option?: string): never {
  throw new StepProblem(message, option);
}

/** A row that cannot be; `row` counts from the slice's first. */
export class RowError extends Error {
  constructor(
    readonly row: number,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
