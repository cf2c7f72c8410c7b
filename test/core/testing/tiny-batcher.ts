import {
  abortError,
  type Batcher,
  type Call,
  type Clock,
  elementCount,
  invalidArgument,
  record,
  type Servable,
  type Tensor,
  type Tensors,
  tensor,
} from "salver";

export type Flaw =
  | "hides the graph"
  | "waits for a full batch"
  | "swaps rows"
  | "runs all twice"
  | "reuses its memory"
  | "changes inputs"
  | "forgets who wants which outputs"
  | "stacks any shapes"
  | "checks nothing"
  | "fails all for one's deadline"
  | "fails all that wait"
  | "dies of a throw"
  | "takes who is gone"
  | "runs who has left"
  | "keeps who has left"
  | "wedges when its queue empties"
  | "frees nobody mid-run"
  | "runs for its first caller"
  | "never gives up"
  | "takes its time"
  | "keeps to itself that it hurries"
  | "drops its queue"
  | "disposes at once"
  | "disposes twice"
  | "shares a queue";

type Task = {
  readonly call: Call;
  readonly settle: (outputs: Tensors) => void;
  readonly fail: (error: unknown) => void;
};

const MOST = 4;
const WAIT = 2;

/** The smallest batcher that keeps the laws, one batch at a time, but for one flaw. */
export function tinyBatcher(clock: Clock, flaw?: Flaw): Batcher {
  const shared: Task[] = [];
  return {
    wrap: (inner) => {
      const own: Task[] = [];
      return batching(inner, clock, () => (flaw === "shares a queue" ? shared : own), flaw);
    },
  };
}

function batching(inner: Servable, clock: Clock, queue: () => Task[], flaw?: Flaw): Servable {
  let busy = false;
  const rush = new AbortController();
  let dead = false;
  let onRest = () => {};
  const memory = new Float32Array(1024);

  const kindOf = ({ signature, inputs, outputs }: Call) =>
    JSON.stringify([
      signature,
      flaw === "forgets who wants which outputs" ? [] : outputs,
      flaw === "stacks any shapes" ? [] : inputs.x?.shape.slice(1),
    ]);

  function take(): Task[] {
    const waiting = queue();
    const [first] = waiting;
    const batch = first ? waiting.filter(({ call }) => kindOf(call) === kindOf(first.call)).slice(0, MOST) : [];
    if (flaw === "waits for a full batch" && batch.length < MOST) return [];
    for (const task of batch) waiting.splice(waiting.indexOf(task), 1);
    return batch;
  }

  async function loop(): Promise<void> {
    if (busy || dead) return;
    busy = true;
    await clock.sleep(WAIT, rush.signal).catch(() => {});
    for (let batch = take(); batch.length > 0; batch = take()) await execute(batch);
    if (flaw === "wedges when its queue empties" && queue().length === 0 && wedge) return;
    busy = false;
    onRest();
  }

  let wedge = false;

  async function execute(batch: readonly Task[]): Promise<void> {
    const end = new AbortController();
    const { signature, outputs, signal: first } = batch[0]!.call;
    for (const { call } of batch) {
      call.signal.addEventListener("abort", () => {
        if (flaw !== "never gives up" && batch.every(({ call }) => call.signal.aborted)) end.abort();
      });
    }
    try {
      const inputs = stacked(batch.map(({ call }) => call.inputs));
      const call = {
        signature,
        inputs,
        signal: flaw === "runs for its first caller" ? first : end.signal,
        ...(outputs && { outputs }),
      };
      const late = batch.some(({ call }) => call.deadline !== undefined && call.deadline < clock.now());
      if (late && flaw === "fails all for one's deadline") throw invalidArgument("too late");
      if (flaw === "runs all twice") await inner.run(call);
      const results = await inner.run(call);
      let at = 0;
      for (const task of flaw === "swaps rows" ? batch.toReversed() : batch) {
        const rows = task.call.inputs.x!.shape[0] ?? 0;
        task.settle(record(Object.entries(results).map(([name, each]) => [name, cut(each, at, at + rows)])));
        at += rows;
      }
      if (flaw === "changes inputs") (batch[0]!.call.inputs.x!.data as Float32Array).fill(7);
    } catch (error) {
      if (flaw === "dies of a throw" && error instanceof TypeError) dead = true;
      if (flaw === "fails all that wait") for (const task of queue().splice(0)) task.fail(error);
      for (const task of batch) task.fail(error);
    }
  }

  function cut({ dtype, shape, data }: Tensor, from: number, to: number): Tensor {
    const items = elementCount(shape.slice(1));
    let part = data.slice(from * items, to * items);
    if (flaw === "reuses its memory" && dtype === "float32") {
      memory.set(part as Float32Array);
      part = memory.subarray(0, part.length);
    }
    return { dtype, shape: [to - from, ...shape.slice(1)], data: part } as Tensor;
  }

  return {
    ...inner,
    ...(flaw === "hides the graph" && { runSession: async () => [] }),
    run: (call) =>
      new Promise<Tensors>((settle, fail) => {
        const { x, tag } = call.inputs;
        const rows = tag?.shape[0];
        if (flaw !== "checks nothing" && (tag?.shape.length !== 1 || x?.shape[0] !== rows))
          throw invalidArgument("rows");
        if (call.signal.aborted && flaw !== "takes who is gone") throw abortError(call.signal);
        const task = { call, settle, fail };
        queue().push(task);
        call.signal.addEventListener("abort", () => {
          const at = queue().indexOf(task);
          if (at < 0 ? flaw === "frees nobody mid-run" : flaw === "keeps who has left") return;
          if (at >= 0 && flaw !== "runs who has left") {
            queue().splice(at, 1);
            wedge = true;
          }
          fail(abortError(call.signal));
        });
        void loop();
      }),
    hurry: () => {
      if (flaw !== "takes its time") rush.abort();
      if (flaw !== "keeps to itself that it hurries") inner.hurry?.();
    },
    [Symbol.asyncDispose]: async () => {
      rush.abort();
      if (flaw === "drops its queue") for (const task of queue().splice(0)) task.fail(invalidArgument("too late"));
      if (flaw !== "disposes at once" && (busy || queue().length > 0)) {
        await new Promise<void>((resolve) => {
          onRest = resolve;
        });
      }
      await inner[Symbol.asyncDispose]();
      if (flaw === "disposes twice") await inner[Symbol.asyncDispose]();
    },
  };
}

function stacked(all: readonly Tensors[]): Tensors {
  const [first] = all;
  return record(
    Object.keys(first!).map((name) => {
      const parts = all.map((each) => each[name]!);
      const shape = [parts.reduce((sum, each) => sum + (each.shape[0] ?? 0), 0), ...parts[0]!.shape.slice(1)];
      const data = parts.flatMap((each) => [...(each.data as Iterable<never>)]);
      return [
        name,
        parts[0]!.dtype === "string"
          ? tensor("string", shape, data)
          : tensor("float32", shape, Float32Array.from(data)),
      ];
    }),
  );
}
