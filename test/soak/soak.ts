import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { findLibrary } from "../../plugins/runtimes/libtensorflow/index.js";
import { garbageCollector } from "./collect.js";
import { drive, type SoakResult } from "./drive.js";
import type { SoakEngine } from "./engine.js";
import { libtensorflowEngine } from "./libtensorflow-engine.js";
import { onnxruntimeEngine } from "./onnxruntime-engine.js";
import { faultsOf, table } from "./verdict.js";

// libuv's pool has started before this line runs, with four threads: too few to have eight native runs at once.
if (process.env.UV_THREADPOOL_SIZE === undefined) {
  const env = { ...process.env, UV_THREADPOOL_SIZE: "12" };
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env,
    stdio: "inherit",
  });
  process.exit(status ?? 1);
}

/** The long form: `npm run soak`, or with `--runs`, `--in-flight` and `--engine` (a part of a name). */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "300000" },
    "in-flight": { type: "string", default: "8" },
    engine: { type: "string", default: "" },
  },
});

const tensorflow = await findLibrary();
if (!("found" in tensorflow)) console.error("libtensorflow is skipped: none was found, see `salver doctor`");

const engines: readonly SoakEngine[] = [
  onnxruntimeEngine("ffi"),
  onnxruntimeEngine("ffi", "auto"),
  onnxruntimeEngine("binding"),
  ...("found" in tensorflow ? [libtensorflowEngine()] : []),
];

const collect = garbageCollector();
const results: SoakResult[] = [];
for (const engine of engines.filter(({ name }) => name.includes(values.engine))) {
  const plan = {
    runs: Number(values.runs),
    inFlight: Number(values["in-flight"]),
    collectEvery: 200,
    cancel: 0.05,
    renewEvery: 10_000,
  };
  const tenth = Math.ceil(plan.runs / 10);
  const progress = (index: number) => {
    if (index % tenth === 0) process.stderr.write(`${engine.name} ${index}\n`);
  };
  results.push(await drive(engine, plan, collect, progress));
}

console.log(table(results));
for (const result of results) {
  for (const fault of faultsOf(result)) {
    console.error(`${result.engine}: ${fault}`);
    process.exitCode = 1;
  }
}
