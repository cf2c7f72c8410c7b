import assert from "node:assert/strict";
import { isServingError } from "../errors.js";
import type { Servable } from "../servable.js";
import type { Signature, TensorSpec } from "../signature.js";
import { bytesOf, dtypes, type Tensors } from "../tensor.js";
import type { TestRunner } from "./runner.js";
import { assertFits, assertSameTensors, copyTensors } from "./tensor-assertions.js";

export type ServableCase = {
  readonly signature: string;
  readonly inputs: Tensors;
  /** The right answer, where it is known. */
  readonly outputs?: Tensors;
};

export type ServableHarness = {
  /** A fresh instance, loaded; the kit disposes it. */
  open(): Promise<Servable>;
  /** Runs that work; at least one, better several that differ. */
  readonly cases: readonly ServableCase[];
  /** Runs whose names and dtypes fit the signature, and that still cannot work: wrong shapes, impossible values. */
  readonly wrong?: readonly Omit<ServableCase, "outputs">[];
  /** How far floating point answers may be off. Default: 1e-5. */
  readonly tolerance?: number;
};

const { signal } = new AbortController();

function assertSpec(spec: TensorSpec, what: string) {
  assert.ok(dtypes.includes(spec.dtype), `${what}: unknown dtype ${spec.dtype}`);
  for (const size of spec.shape ?? []) {
    assert.ok(Number.isSafeInteger(size) && size >= -1, `${what}: a dimension is a size or -1, not ${size}`);
  }
  if (spec.dimNames) assert.equal(spec.dimNames.length, spec.shape?.length, `${what}: one name a dimension`);
}

function assertSignature(name: string, { inputs, outputs, defaults = {} }: Signature) {
  assert.ok(Object.keys(outputs).length > 0, `signature ${name} has no outputs`);
  for (const [key, spec] of Object.entries(inputs)) assertSpec(spec, `${name} input ${key}`);
  for (const [key, spec] of Object.entries(outputs)) assertSpec(spec, `${name} output ${key}`);
  for (const [key, value] of Object.entries(defaults)) {
    const spec = inputs[key];
    assert.ok(spec, `${name} has a default for ${key}, which is no input`);
    assertFits(value, spec, `${name} default ${key}`);
  }
}

/** The laws every servable keeps. */
export function describeServable(runner: TestRunner, name: string, harness: ServableHarness): void {
  const { cases, wrong = [], tolerance = 1e-5 } = harness;
  const pristine = cases.map((each) => copyTensors(each.inputs));
  const run = async (servable: Servable, { signature, inputs }: ServableCase, outputs?: readonly string[]) =>
    servable.run(outputs ? { signature, inputs, outputs, signal } : { signature, inputs, signal });
  const test = (law: string, body: (servable: Servable) => Promise<void>) =>
    runner.test(law, async () => {
      await using servable = await harness.open();
      await body(servable);
    });
  const assertAnswers = async (servable: Servable) => {
    for (const each of cases) {
      const got = await run(servable, each);
      if (each.outputs) assertSameTensors(got, each.outputs, tolerance);
    }
  };

  runner.describe(`servable ${name}`, () => {
    test("its signatures are well formed", async ({ signatures }) => {
      assert.ok(Object.keys(signatures).length > 0, "a servable has a signature");
      for (const [key, signature] of Object.entries(signatures)) assertSignature(key, signature);
    });

    test("it answers with what its signature declares", async (servable) => {
      assert.ok(cases.length > 0, "the harness has no cases");
      for (const each of cases) {
        const { outputs } = servable.signatures[each.signature] as Signature;
        const got = await run(servable, each);
        assert.deepEqual(Object.keys(got).sort(), Object.keys(outputs).sort());
        for (const [key, spec] of Object.entries(outputs)) assertFits(got[key], spec, `output ${key}`);
      }
      await assertAnswers(servable);
    });

    test("it gives each output that is asked for alone", async (servable) => {
      for (const each of cases) {
        const all = await run(servable, each);
        for (const [key, value] of Object.entries(all)) {
          const { [key]: got } = await run(servable, each, [key]);
          assert.ok(got, `output ${key} was asked for and is missing`);
          assertSameTensors({ [key]: got }, { [key]: value }, tolerance);
        }
      }
    });

    test("concurrent runs answer as single ones, change no input, and leave earlier answers alone", async (servable) => {
      const alone: Tensors[] = [];
      const kept: Tensors[] = [];
      for (const each of cases) {
        const answer = await run(servable, each);
        alone.push(answer);
        kept.push(copyTensors(answer));
      }
      const together = await Promise.all(
        Array.from({ length: 8 }, () => cases.map((each) => run(servable, each))).flat(),
      );
      for (const [i, got] of together.entries()) {
        assertSameTensors(got, kept[i % cases.length] as Tensors, tolerance);
      }
      for (const [i, each] of cases.entries()) {
        assertSameTensors(alone[i] as Tensors, kept[i] as Tensors);
        assertSameTensors(each.inputs, pristine[i] as Tensors);
      }
    });

    test("what it says it has forgotten may change under its answers", async (servable) => {
      if (!servable.forgetsInputs) return;
      for (const each of cases) {
        const inputs = copyTensors(each.inputs);
        const answer = await run(servable, { ...each, inputs });
        const kept = copyTensors(answer);
        for (const { dtype, data } of Object.values(inputs)) {
          for (const bytes of dtype === "string" ? data : [bytesOf(data)]) bytes.fill(0xa5);
        }
        assertSameTensors(answer, kept);
      }
      await assertAnswers(servable);
    });

    if (wrong.length > 0) {
      test("inputs that cannot work are INVALID_ARGUMENT, and it goes on", async (servable) => {
        for (const each of wrong) {
          await assert.rejects(run(servable, each), (error) => {
            assert.ok(isServingError(error), `a ServingError, not ${String(error)}`);
            assert.equal(error.code, "INVALID_ARGUMENT", error.message);
            return true;
          });
        }
        await assertAnswers(servable);
      });
    }

    test("a run that is aborted settles, before it starts or under way, and it goes on", async (servable) => {
      for (const { signature, inputs } of cases) {
        const end = new AbortController();
        const under = servable.run({ signature, inputs, signal: end.signal });
        const before = servable.run({ signature, inputs, signal: AbortSignal.abort() });
        end.abort();
        for (const outcome of await Promise.allSettled([under, before])) {
          if (outcome.status === "rejected") assert.ok(isServingError(outcome.reason), String(outcome.reason));
        }
      }
      await assertAnswers(servable);
    });

    test("disposing one instance leaves another alone, and answers stay", async (servable) => {
      const other = await harness.open();
      const [first] = cases;
      assert.ok(first);
      const answer = await run(other, first);
      const kept = copyTensors(answer);
      await other[Symbol.asyncDispose]();
      await assertAnswers(servable);
      assertSameTensors(answer, kept);
    });
  });
}
