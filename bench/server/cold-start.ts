import { fileURLToPath } from "node:url";
import { freePort } from "../harness/free-port.js";
import { startService } from "../harness/service.js";
import { median } from "../harness/stats.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const BODY = JSON.stringify({ instances: [1, 2, 5] });

/** ms from the start of the process to the first right answer and to the last model that is loaded, and bytes then. */
export type ColdStart = { readonly firstAnswer: number; readonly ready: number; readonly memory: number };

/** The quickstart by its own command, `times` over; the median of each. */
export async function coldStart(times: number): Promise<ColdStart> {
  const runs: ColdStart[] = [];
  for (let i = 0; i < times; i++) runs.push(await once());
  const middle = (figure: keyof ColdStart) => median(runs.map((run) => run[figure]));
  return { firstAnswer: middle("firstAnswer"), ready: middle("ready"), memory: middle("memory") };
}

async function once(): Promise<ColdStart> {
  const [grpc, rest] = [await freePort(), await freePort()];
  const start = performance.now();
  const base = `http://127.0.0.1:${rest}`;
  const service = await startService({
    name: "quickstart",
    ports: { grpc, rest },
    file: process.execPath,
    args: [
      ...[`${root}cli/bin/salver.cjs`, "serve", `${root}examples/quickstart`, "--log-level=warn"],
      ...[`--port=${grpc}`, `--rest_api_port=${rest}`],
    ],
    env: { UV_THREADPOOL_SIZE: undefined },
    ready: async () => {
      const response = await fetch(`${base}/v1/models/half_plus_two:predict`, { method: "POST", body: BODY });
      const { predictions } = (await response.json()) as { readonly predictions?: readonly number[] };
      if (String(predictions) !== "2.5,3,4.5") throw new Error(`answered ${predictions}`);
    },
  });
  try {
    for (;;) {
      const response = await fetch(`${base}/readyz`);
      await response.arrayBuffer();
      if (response.ok) break;
    }
    return { firstAnswer: service.startMs, ready: performance.now() - start, memory: service.child.memory() };
  } finally {
    await service[Symbol.asyncDispose]();
  }
}
