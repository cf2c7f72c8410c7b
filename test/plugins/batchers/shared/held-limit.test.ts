import { strings, tensor } from "salver";
import { expect, test } from "vitest";
import { batches } from "../../../../plugins/transports/rest/batches.js";
import { serveRows } from "./rows-server.js";

test.each([
  ["held by the target", { latencyTarget: "20ms" }, [1, 20]],
  ["as it is configured", {}, [8, undefined]],
])("a batch tells what its limit comes from: %s", async (_, batching, told) => {
  const { server } = await serveRows({ threads: 1, maxBatchSize: 8, ...batching });
  const inputs = { x: tensor("float32", [1], Float32Array.of(1)), tag: strings(["a"]) };
  using lease = server.frontend.lease({ name: "m" });
  await lease.predict("double", inputs, { signal: new AbortController().signal });
  const [batch] = (await batches(server.frontend, { name: "m" })).batches;
  expect([batch?.limit, batch?.latency_target_ms]).toEqual(told);
});
