import { expect, test } from "vitest";
import { ask, newControl, sight, startThreads, until } from "./support.js";

const x = { inputs: { x: [1] } };
const member = { source: "told", servable: "alone", group: "g" };

/** A group and a pipeline over it; another `round` is another declaration of the pipeline. */
const models = (round: number) => ({
  a: member,
  b: member,
  p: {
    servable: {
      type: "pipeline",
      steps: { a: { model: "a", inputs: { x: "request.x" } }, b: { model: "b", inputs: { x: "a.y" } } },
      outputs: { a: "a.version", b: "b.version", ...(round % 2 === 1 && { y: "b.y" }) },
    },
  },
});

test("pipelines and groups change under load, one after the other and at once: no request fails, none is of two versions", async () => {
  const control = newControl();
  const publish = (version: bigint) => {
    for (const model of ["a", "b"]) sight(control, model, version);
  };
  publish(1n);
  await using started = await startThreads({ models: models(0) });
  const wrong: unknown[] = [];
  let answered = 0;
  let over = false;
  const load = Array.from({ length: 5 }, async () => {
    while (!over) {
      const { status, body } = await ask(`${started.rest}/v1/models/p:predict`, x);
      const { a, b } = (body.outputs ?? {}) as Record<string, readonly number[] | undefined>;
      if (status !== 200 || a?.[0] !== b?.[0]) wrong.push([status, body]);
      answered++;
    }
  });
  for (let round = 1; round <= 12; round++) {
    publish(BigInt(round + 1));
    if (round % 3 > 0) await started.server.reload(models(round));
    const before = answered;
    const there = () =>
      started.server.versions().some(({ model, version, state }) => {
        return model === "b" && version === BigInt(round + 1) && state === "AVAILABLE";
      });
    await until(() => there() && answered > before + 10, `version ${round + 1}`);
  }
  over = true;
  await Promise.all(load);
  expect(wrong).toEqual([]);
  expect(started.log.lines.filter(({ level }) => level === "error")).toEqual([]);
});
