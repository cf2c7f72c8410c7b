import type { Signature, TensorSpec } from "../../../../core/index.js";
import type { Column, ColumnType } from "../column.js";
import type { SliceContext } from "../ops/op.js";
import type { OpenedStep, OpenedSteps } from "../spec/open-steps.js";
import type { Spec } from "../spec/spec.js";

export type Named = { readonly name: string; readonly type: ColumnType };

/** What runs: columns by number, the inputs first. */
export type Program = {
  readonly inputs: readonly Named[];
  readonly outputs: readonly (Named & { readonly column: number })[];
  readonly columns: number;
  readonly steps: readonly ProgramStep[];
};

export type ProgramStep = {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly op: string;
  /** For people: `steps[2] (log)`. */
  readonly name: string;
  readonly waits: boolean;
  readonly run: OpenedStep["run"];
};

export function createProgram(spec: Spec, { opened, types }: OpenedSteps): Program {
  const places = new Map([...types.keys()].map((name, place) => [name, place]));
  const placesOf = (names: readonly string[]) => names.map((name) => places.get(name)!);
  return {
    inputs: [...spec.inputs].map(([name, type]) => ({ name, type })),
    outputs: spec.outputs.map((name) => ({ name, type: types.get(name)!, column: places.get(name)! })),
    columns: places.size,
    steps: opened.map(({ step, run, waits = false }) => ({
      from: placesOf(step.from),
      to: placesOf(step.to),
      op: step.op.name,
      name: `steps[${step.index}] (${step.op.name})`,
      waits,
      run,
    })),
  };
}

const specOf = ({ name, type }: Named): [string, TensorSpec] => [name, { dtype: type.dtype, shape: [-1, ...type.row] }];

export const signatureOf = ({ inputs, outputs }: Program): Signature => ({
  inputs: Object.fromEntries(inputs.map(specOf)),
  outputs: Object.fromEntries(outputs.map(specOf)),
});

/** The steps that lead to these columns, and all the columns that are on the way. */
export function leadingTo(steps: readonly ProgramStep[], columns: Iterable<number>) {
  const needed = new Set(columns);
  const kept = steps.toReversed().filter(({ from, to }) => {
    if (!to.some((column) => needed.has(column))) return false;
    for (const column of from) needed.add(column);
    return true;
  });
  return { steps: kept.toReversed(), needed };
}

/** Only what leads to these outputs; all inputs stay. */
export function towards(program: Program, wanted: readonly string[] | undefined): Program {
  if (!wanted) return program;
  const outputs = program.outputs.filter(({ name }) => wanted.includes(name));
  const columns = outputs.map(({ column }) => column);
  return { ...program, outputs, steps: leadingTo(program.steps, columns).steps };
}

/** Runs every step on a slice of rows; `failed` gives what is thrown instead. `spend` is told of time on this thread. */
export async function runSlice(
  { steps, columns: size }: Program,
  inputs: readonly Column[],
  rows: number,
  context: SliceContext & { readonly spend: (milliseconds: number) => void },
  failed: (step: ProgramStep, error: unknown) => Error,
): Promise<readonly Column[]> {
  const columns = [...inputs, ...new Array<Column>(size - inputs.length)];
  let since = performance.now();
  for (const step of steps) {
    try {
      const given = step.from.map((place) => columns[place]!);
      const made = step.run(given, rows, context);
      let results = made as readonly Column[];
      if (made instanceof Promise) {
        context.spend(performance.now() - since);
        results = await made;
        since = performance.now();
      }
      for (const [i, column] of results.entries()) columns[step.to[i]!] = column;
    } catch (error) {
      throw failed(step, error);
    }
  }
  context.spend(performance.now() - since);
  return columns;
}
