import { type Call, failedPrecondition, invalidArgument, record, type Tensors } from "../../../core/index.js";
import { stackRows } from "./rows.js";

/** One run that was asked for, until its answer. */
export interface Task {
  readonly call: Call;
  readonly rows: number;
  /** When it was asked for, by the clock. */
  readonly since: number;
  /** Tasks of one queue are bounded together: equal signature, inputs and outputs. */
  readonly queue: string;
  /** Tasks of one kind can be in one batch: of one queue, and of fitting shapes. */
  readonly kind: string;
  /** Whether its caller has had an answer. */
  readonly settled: boolean;
  /** Said once, before the first `give`: how many parts it has been cut into. */
  cut(parts: number): void;
  give(part: number, outputs: Tensors): void;
  fail(error: unknown): void;
}

/** Rows of rows in one batch: `from` up to, without, `to`. */
export type Piece = { readonly task: Task; readonly part: number; readonly from: number; readonly to: number };

type Answer = { readonly resolve: (outputs: Tensors) => void; readonly reject: (error: unknown) => void };

/** @throws INVALID_ARGUMENT with TensorFlow Serving's text for inputs that cannot be batched */
export function createTask(call: Call, pad: boolean, since: number, { resolve, reject }: Answer): Task {
  const rows = rowsOf(call.inputs);
  const names = Object.keys(call.inputs).sort();
  const queue = JSON.stringify([call.signature, names, call.outputs && [...call.outputs].sort()]);
  const shapes = names.map((name) => {
    const { dtype, shape } = call.inputs[name]!;
    return [dtype, pad ? shape.length : shape.slice(1)];
  });
  let settled = false;
  let given: readonly Tensors[] = [];
  let missing = 1;
  const end = (settle: () => void) => {
    if (settled) return;
    settled = true;
    given = [];
    settle();
  };
  const task: Task = {
    call,
    rows,
    since,
    queue,
    kind: `${queue} ${JSON.stringify(shapes)}`,
    get settled() {
      return settled;
    },
    cut: (parts) => {
      missing = parts;
    },
    give: (part, outputs) => {
      if (settled) return;
      given = Object.assign([...given], { [part]: outputs });
      missing--;
      if (missing > 0) return;
      try {
        const joined = join(given, rows);
        end(() => resolve(joined));
      } catch (error) {
        task.fail(error);
      }
    },
    fail: (error) => end(() => reject(error)),
  };
  return task;
}

function rowsOf(inputs: Tensors): number {
  const tensors = Object.values(inputs);
  const [first] = tensors;
  if (!first) throw invalidArgument("Batching Run() must have at least one input tensor");
  if (tensors.some(({ shape }) => shape.length === 0)) {
    throw invalidArgument("Batching Run() input tensors must have at least one dimension");
  }
  const [rows = 0] = first.shape;
  if (tensors.some(({ shape }) => shape[0] !== rows)) {
    throw invalidArgument("Batching Run() input tensors must have equal 0th-dimension size");
  }
  return rows;
}

/** @throws FAILED_PRECONDITION when the parts' outputs differ in more than their rows */
function join(parts: readonly Tensors[], rows: number): Tensors {
  const [first = {}] = parts;
  if (parts.length === 1) return first;
  return record(
    Object.keys(first).map((name) => {
      const tensors = parts.map((part) => part[name]!);
      const shapes = new Set(tensors.map(({ shape }) => shape.slice(1).join()));
      if (shapes.size > 1) {
        throw failedPrecondition(
          `Output '${name}' has different shapes in the batches over which this request was split; send fewer rows, or requests of one length`,
        );
      }
      return [name, stackRows(tensors, rows)] as const;
    }),
  );
}
