import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { ServingError, silentLogger, type Tensor, type Tensors, tensor } from "../../../../core/index.js";
import {
  defaultOrtOptions,
  type OrtSessionOptions,
  openSession,
} from "../../../../plugins/runtimes/onnxruntime/index.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { fixture, fixtureNames, never, numbers, open, withSession } from "./models.js";

type Skips = Readonly<Record<string, string>>;

const f32 = (shape: readonly number[], ...values: number[]) => tensor("float32", shape, new Float32Array(values));
const slow = (steps: number): Tensors => ({
  steps: tensor("int64", [], BigInt64Array.of(BigInt(steps))),
  x: f32([], 1.5),
});

/** What every engine must do alike. `skips` names fixtures or tests that an engine cannot do, each with its reason. */
export function conformance(engine: "ffi" | "binding", options: Partial<OrtSessionOptions>, skips: Skips): void {
  const chosen = { engine, ...options };
  const cannot = (name: string) => (Object.hasOwn(skips, name) ? skips[name] : undefined);
  const check = (name: string, body: () => Promise<void>) => {
    const reason = cannot(name);
    if (reason) it.skip(`${name} (skipped: ${reason})`, body);
    else it(name, body);
  };

  describe("every fixture answers as onnxruntime did, or does not load", () => {
    for (const name of fixtureNames) {
      check(name, async () => {
        const { path, cases, loadError, hidden, optional } = fixture(name);
        if (loadError) {
          const error = await open(path, chosen).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(error).toBeInstanceOf(ServingError);
          expect(["INVALID_ARGUMENT", "FAILED_PRECONDITION", "UNIMPLEMENTED"]).toContain((error as ServingError).code);
          expect((error as ServingError).message).not.toMatch(/onnxruntime_src|\/test\/fixtures/);
          return;
        }
        await withSession(path, chosen, async (session) => {
          expect(session.hiddenOutputs.map((each) => each.name)).toEqual(hidden);
          const optionals = Object.keys(session.inputs).filter((input) => session.inputs[input]?.optional);
          expect(optionals).toEqual(optional);
          for (const { name: label, error, inputs, outputs } of cases) {
            if (cannot(`${name}: ${label}`)) continue;
            const answer = Promise.resolve(session.run(inputs, [], never()));
            if (error) {
              const thrown = await answer.catch((each: unknown) => each);
              expect(thrown, label).toMatchObject({ code: "INVALID_ARGUMENT" });
              expect((thrown as Error).message, label).not.toMatch(/onnxruntime_src/);
            } else {
              expect(firstDifference(await answer, outputs), label).toBeUndefined();
            }
          }
        });
      });
    }
  });

  describe("a session", () => {
    check("describes symbolic dimensions by name", () =>
      withSession(fixture("symbolic_dims").path, chosen, async ({ inputs, outputs }) => {
        expect(inputs.a).toEqual({ dtype: "float32", shape: [-1, -1, 3], dimNames: ["batch", "seq", ""], name: "a" });
        expect(outputs.total).toMatchObject({ shape: [-1, 3], dimNames: ["batch", ""] });
      }),
    );

    check("tells a scalar from a tensor of any rank", async () => {
      await withSession(fixture("scalar").path, chosen, async ({ inputs }) => expect(inputs.x?.shape).toEqual([]));
      await withSession(fixture("unknown_rank").path, chosen, async ({ inputs }) => expect(inputs.x?.shape).toBeNull());
    });

    check("opens from bytes", async () => {
      const bytes = readFileSync(fixture("fixed_shape").path);
      const session = await openSession({ bytes }, { ...defaultOrtOptions, ...chosen }, silentLogger);
      const { y } = await session.run({ x: f32([2, 3], 1, 2, 3, 4, 5, 6) }, [], never());
      expect(numbers(y)).toEqual([-1, -2, -3, -4, -5, -6]);
      await session[Symbol.asyncDispose]();
    });

    check("have the sizes that the values make, whatever those of the run before were", () =>
      withSession(fixture("data_dependent").path, chosen, async (session) => {
        for (const row of [
          [3, 0, 3, 5],
          [3, 0, 3, 5],
          [0, 0, 0, 0],
          [1, 2, 3, 4],
          [1, 2, 3, 4],
          [7, 7, 0, 7],
        ]) {
          const x = tensor("int64", [4], BigInt64Array.from(row, BigInt));
          const { values, indices } = await session.run({ x }, ["values", "indices"], never());
          const wanted = [...new Set(row)].sort((a, b) => a - b);
          expect(values).toEqual(tensor("int64", [wanted.length], BigInt64Array.from(wanted, BigInt)));
          expect(indices?.shape).toEqual([1, row.filter((each) => each !== 0).length]);
        }
      }),
    );

    check("fetches only what is asked for", () =>
      withSession(fixture("dtype_float32").path, chosen, async (session) => {
        const answer = await session.run({ x: f32([1, 2], 1, 2) }, ["twice"], never());
        expect(Object.keys(answer)).toEqual(["twice"]);
      }),
    );

    check("leaves its inputs as they were, and reads views into larger buffers", () =>
      withSession(fixture("fixed_shape").path, chosen, async (session) => {
        const whole = Float32Array.from({ length: 12 }, (_, index) => index);
        const { y } = await session.run({ x: tensor("float32", [2, 3], whole.subarray(3, 9)) }, [], never());
        expect(numbers(y)).toEqual([-3, -4, -5, -6, -7, -8]);
        expect([...whole]).toEqual([...Array(12).keys()]);
      }),
    );

    check("writes to the caller's memory, where it can", () =>
      withSession(fixture("fixed_shape").path, chosen, async (session) => {
        if (engine === "binding") return expect(session.runInto).toBeUndefined();
        const inputs = { x: f32([2, 3], 1, 2, 3, 4, 5, 6) };
        const whole = new Float32Array(12).fill(9);
        await session.runInto!(inputs, { y: tensor("float32", [2, 3], whole.subarray(3, 9)) }, never());
        expect([...whole]).toEqual([9, 9, 9, -1, -2, -3, -4, -5, -6, 9, 9, 9]);
        const refused = async (y: Tensor, why: RegExp | string) => {
          await expect(session.runInto!(inputs, { y }, never())).rejects.toThrow(why);
        };
        await refused(tensor("int32", [2, 3], new Int32Array(6)), 'output "y" is float32, which cannot be written');
        const short = { dtype: "float32", shape: [2, 3], data: new Float32Array(1) } as const;
        await refused(short, 'the memory for output "y" has the shape [2,3] and 1 items');
        await refused(f32([2, 4], 0, 0, 0, 0, 0, 0, 0, 0), /y/);
        const stranger = session.runInto!(inputs, { z: f32([1], 1) }, never());
        await expect(stranger).rejects.toThrow('the model has no output "z"');
      }),
    );

    check("answers concurrent runs each with its own", () =>
      withSession(fixture("fixed_shape").path, chosen, async (session) => {
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, i) => session.run({ x: f32([2, 3], i, i, i, i, i, i) }, [], never())),
        );
        for (const [i, { y }] of answers.entries()) expect(y?.data[5]).toBe(-i);
      }),
    );

    check("gives an input that the graph hands on as a tensor of its own", () =>
      withSession(fixture("handed_on").path, chosen, async (session) => {
        // Small ones are copied in any case; those of 8 MiB are not.
        for (const length of [3, 2 ** 21]) {
          const x = tensor("float32", [length], new Float32Array(length).fill(7));
          const answer = await session.run({ x }, [], never());
          x.data.fill(0);
          expect([answer.x, answer.y].map((each) => [...new Set(numbers(each))])).toEqual([[7], [-7]]);
        }
      }),
    );

    check("gives large outputs that outlive it", async () => {
      const size = 1500;
      const shape = tensor("int64", [2], BigInt64Array.of(1500n, 1500n));
      const answers = await withSession(fixture("fill").path, chosen, (session) =>
        Promise.all([session.run({ shape }, [], never()), session.run({ shape }, [], never())]),
      );
      for (const { y } of answers) {
        expect(y?.shape).toEqual([size, size]);
        expect(new Set(numbers(y))).toEqual(new Set([1.5]));
      }
    });
  });

  describe("errors", () => {
    check("name the input, what was expected and what came", () =>
      withSession(fixture("fixed_shape").path, chosen, async (session) => {
        const run = (inputs: Tensors, outputs: readonly string[] = []) => session.run(inputs, outputs, never());
        await expect(run({ z: f32([1], 1) })).rejects.toThrow('the model has no input "z"; its inputs are x');
        await expect(run({})).rejects.toThrow('input "x" is missing: float32 [2,3]');
        const whole = tensor("int32", [2, 3], new Int32Array(6));
        await expect(run({ x: whole })).rejects.toThrow('input "x" takes float32 [2,3], got int32');
        const short = { dtype: "float32", shape: [2, 3], data: new Float32Array(1) } as const;
        await expect(run({ x: short })).rejects.toThrow('input "x" has the shape [2,3] and 1 items');
        const negative = { dtype: "float32", shape: [-2, -3], data: new Float32Array(6) } as const;
        await expect(run({ x: negative })).rejects.toThrow('input "x" has the shape [-2,-3]');
        await expect(run({ x: whole, y: whole })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
        await expect(run({ x: f32([2, 3], 1, 2, 3, 4, 5, 6) }, ["q"])).rejects.toThrow('the model has no output "q"');
        await expect(run({ x: f32([3, 2], 1, 2, 3, 4, 5, 6) })).rejects.toThrow(/Got: 3 Expected: 2/);
        const { y } = await run({ x: f32([2, 3], 1, 2, 3, 4, 5, 6) });
        expect(y?.data[0]).toBe(-1);
      }),
    );

    check("of a node that refuses its inputs say which node", () =>
      withSession(fixture("refuses").path, chosen, async (session) => {
        const shape = tensor("int64", [2], BigInt64Array.of(4n, 4n));
        const index = tensor("int64", [], BigInt64Array.of(0n));
        const error = await Promise.resolve(session.run({ index, shape }, [], never())).catch(
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("Reshape node") });
        expect((error as Error).message).not.toMatch(/onnxruntime_src|\.h:|\.cc:/);
      }),
    );

    check("of memory that is not there are RESOURCE_EXHAUSTED", () =>
      withSession(fixture("fill").path, chosen, async (session) => {
        const shape = tensor("int64", [2], BigInt64Array.of(2n ** 30n, 2n ** 16n));
        await expect(session.run({ shape }, [], never())).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
      }),
    );

    check("of a model that is not there name the file, without its folder", async () => {
      const error = await open("/nowhere/at/all/lost.onnx", chosen).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining("lost.onnx") });
      expect((error as Error).message).not.toContain("nowhere");
    });

    check("of a model that is broken name the file and what is wrong", async () => {
      for (const name of ["truncated", "not_protobuf", "unknown_op", "future_opset"]) {
        const { path } = fixture(name);
        const error = await open(path, chosen).catch((thrown: unknown) => thrown);
        expect((error as Error).message).toMatch(new RegExp(`^${basename(path)} does not load: \\S+`));
      }
    });
  });

  describe("cancellation", () => {
    check("stops a run under way with the signal's own error", () =>
      withSession(fixture("slow_loop").path, chosen, async (session) => {
        const controller = new AbortController();
        const endless = session.run(slow(1_000_000), [], { signal: controller.signal });
        setTimeout(() => controller.abort(new ServingError("DEADLINE_EXCEEDED", "too late")), 20);
        await expect(endless).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", message: "too late" });
        const { y } = await session.run(slow(0), [], never());
        expect(y?.data[0]).toBe(1.5);
      }),
    );

    check("ends the wait of runs that have not begun", () =>
      withSession(fixture("slow_loop").path, chosen, async (session) => {
        const controller = new AbortController();
        const first = session.run(slow(3), [], never());
        const waiting = Array.from({ length: 20 }, () => session.run(slow(20), [], { signal: controller.signal }));
        controller.abort();
        for (const outcome of await Promise.allSettled(waiting)) {
          expect(outcome).toMatchObject({ status: "rejected", reason: { code: "CANCELLED" } });
        }
        expect((await first).y?.data[0]).toBeCloseTo(1.5);
      }),
    );

    check("before the run begins rejects at once", () =>
      withSession(fixture("fixed_shape").path, chosen, async (session) => {
        const run = session.run({ x: f32([2, 3], 1, 2, 3, 4, 5, 6) }, [], { signal: AbortSignal.abort() });
        await expect(run).rejects.toMatchObject({ code: "CANCELLED" });
      }),
    );
  });

  describe("disposal", () => {
    check("waits for the runs in flight, then refuses new ones; twice is harmless", async () => {
      const session = await open(fixture("slow_loop").path, chosen);
      const settled: string[] = [];
      const runs = [1, 2, 3].map(async (steps) => {
        const { y } = await session.run(slow(steps), [], never());
        settled.push(`run ${y?.data.length}`);
      });
      const first = session[Symbol.asyncDispose]().then(() => settled.push("disposed"));
      const second = session[Symbol.asyncDispose]();
      await expect(session.run(slow(0), [], never())).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await Promise.all([...runs, first, second]);
      expect(settled).toEqual(["run 1", "run 1", "run 1", "disposed"]);
      await session[Symbol.asyncDispose]();
    });
  });

  describe("execution providers", () => {
    check("that cannot be had give way to the next", async () => {
      const warned: unknown[] = [];
      const log = { ...silentLogger, warn: (fields: object) => warned.push(fields) };
      const wanted: OrtSessionOptions = { ...defaultOrtOptions, ...chosen, executionProviders: ["cuda", "cpu"] };
      const session = await openSession({ path: fixture("fixed_shape").path }, wanted, log);
      // A machine with CUDA keeps it; any other falls back and says so.
      if (session.provider === "cpu") expect(warned).toMatchObject([{ provider: "cuda" }]);
      else expect(warned).toEqual([]);
      await session[Symbol.asyncDispose]();
    });
  });

  for (const name of Object.keys(skips)) {
    const [model = ""] = name.split(":");
    if (name.includes("_")) it(`skips a fixture that is there: ${name}`, () => expect(fixtureNames).toContain(model));
  }
}
