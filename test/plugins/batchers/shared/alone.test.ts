import { expect, test } from "vitest";
import { type Call, isPending, LazyCaller, type Tensors, tensor } from "../../../../core/index.js";
import { inner, outcome, wrap } from "./support.js";

const ask = (rows: number): Call => {
  const inputs: Tensors = { x: tensor("float32", [rows], new Float32Array(rows)) };
  return Object.assign(new LazyCaller(), { signature: "serving_default", inputs });
};

test("what is answered at once stays so where nobody else asks, and is none of the next one's company", async () => {
  const servable = await wrap({ ...inner(async () => ({})).servable, run: ({ inputs }) => ({ y: inputs.x! }) });
  for (const rows of [1, 2, 3]) {
    const answer = servable.run(ask(rows));
    expect(isPending(answer)).toBe(false);
    expect(await answer).toEqual({ y: tensor("float32", [rows], new Float32Array(rows)) });
  }
  await servable[Symbol.asyncDispose]();
});

test("outputs that are no rows are refused at once, by a promise, and block nobody", async () => {
  const servable = await wrap({
    ...inner(async () => ({})).servable,
    run: ({ inputs }) => ({ y: inputs.x!.shape[0] === 1 ? tensor("float32", [], new Float32Array(1)) : inputs.x! }),
  });
  expect(await outcome(servable.run(ask(1)))).toBe("FAILED_PRECONDITION: Batched output tensor has 0 dimensions");
  expect(isPending(servable.run(ask(2)))).toBe(false);
});

test("nobody's signal is made for a run that waits, alone or in company", async () => {
  const { servable } = inner(async ({ inputs }) => ({ y: inputs.x! }));
  const wrapped = await wrap(servable, { threads: 1 });
  const calls = [1, 1, 1].map(ask);
  let made = 0;
  for (const call of calls) {
    Object.defineProperty(call, "signal", {
      get: () => {
        made++;
        return new AbortController().signal;
      },
    });
  }
  await Promise.all(calls.map((call) => wrapped.run(call)));
  expect(made).toBe(0);
});
