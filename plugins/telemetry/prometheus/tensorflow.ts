import type { RequestEvent, RequestMethod, RunEvent, Telemetry } from "../../../core/index.js";
import { type Branch, newBranch, step } from "./branch.js";
import { histograms, type Scalar, scalars } from "./family.js";
import { exponential, type Histogram, observe } from "./histogram.js";
import type { MetricSet } from "./metric-set.js";
import { sixDigits } from "./text.js";

const latency = { limits: exponential(10, 1.8, 33), le: sixDigits };
const inference: ReadonlySet<RequestMethod | undefined> = new Set(["Predict", "Classify", "Regress"] as const);
/** Series by a version's path that are kept: versions never stop coming. */
const PATHS = 200;

const micros = (milliseconds: number) => Math.round(milliseconds * 1000);

/** What the batches of one pool are counted in. */
type BatchCells = {
  readonly queueing: Histogram;
  readonly inputSize: Histogram;
  readonly processedSize: Histogram;
  readonly batches: Scalar;
};

/** What one kind of request is counted in. */
type RequestCells = { readonly count: Scalar; readonly latency: Histogram | undefined };

/**
 * TensorFlow Serving's metrics, by its names (paths whose slashes are colons here), labels, units and buckets. In its
 * order, that of the names.
 */
export function tensorflowMetrics(): MetricSet {
  const serving = (name: string) => `:tensorflow:serving:${name}`;
  const graphRunTime = scalars("counter", { name: ":tensorflow:core:graph_run_time_usecs", labels: [] });
  const graphRuns = scalars("counter", { name: ":tensorflow:core:graph_runs", labels: [] });
  const loadAttempts = scalars(
    "counter",
    { name: ":tensorflow:cc:saved_model:load_attempt_count", labels: ["model_path", "status"] },
    PATHS,
  );
  const loadTime = scalars(
    "counter",
    { name: ":tensorflow:cc:saved_model:load_latency", labels: ["model_path"] },
    PATHS,
  );
  const sizes = { limits: exponential(1, 2, 15), le: sixDigits };
  const batching = (name: string) => serving(`batching_session:${name}`);
  const inputSize = histograms({ name: batching("input_batch_size"), labels: [], ...sizes });
  const padding = histograms({ name: batching("padding_size"), labels: ["execution_batch_size"], ...sizes }, PATHS);
  const processedSize = histograms({ name: batching("processed_batch_size"), labels: [], ...sizes });
  const queueing = histograms({
    name: batching("queuing_latency"),
    labels: ["thread_pool_name"],
    limits: exponential(100, 1.2, 52),
    le: sixDigits,
  });
  const batches = scalars("counter", { name: batching("wrapped_run_count"), labels: [] });
  // Its gauge holds the key as text, which its own page shows as 0: that a version has one is all that can be read off.
  const mlmd = scalars("gauge", { name: serving("mlmd_map"), labels: ["model_name", "version"] });
  const byPath = ["model_path", "status"];
  const warmupTime = histograms({ name: serving("model_warmup_latency"), labels: byPath, ...latency }, PATHS);
  const warmupRecords = scalars("counter", { name: serving("model_warmup_records_read"), labels: byPath }, PATHS);
  const requests = scalars("counter", { name: serving("request_count"), labels: ["model_name", "status"] });
  const exampleTotal = scalars("counter", { name: serving("request_example_count_total"), labels: ["model"] });
  const examples = histograms({
    name: serving("request_example_counts"),
    labels: ["model"],
    limits: exponential(1, 2, 15),
    le: sixDigits,
  });
  const requestTime = histograms({
    name: serving("request_latency"),
    labels: ["model_name", "API", "entrypoint"],
    ...latency,
  });
  const logged = scalars("counter", { name: serving("request_log_count"), labels: ["model_name", "status_code"] });
  const runTime = histograms({
    name: serving("runtime_latency"),
    labels: ["model_name", "API", "runtime"],
    ...latency,
  });

  const requestCells: Branch<RequestCells> = newBranch();
  const runCells: Branch<Histogram> = newBranch();
  const batchCells: Branch<BatchCells> = newBranch();
  const allRuns = graphRuns.cell();
  const allRunTime = graphRunTime.cell();

  function cellsOf({ entrypoint, method, model, code }: RequestEvent): RequestCells {
    const branch = step(step(step(step(requestCells, model), entrypoint), method), code);
    if (branch.leaf) return branch.leaf;
    // Over REST the API is the URL's verb, which a GET has not.
    const verb = inference.has(method) ? method?.toLowerCase() : "";
    const api = (entrypoint === "GRPC" ? method : verb) ?? "";
    branch.leaf = {
      count: requests.cell(model, code),
      latency: code === "OK" ? requestTime.cell(model, api, entrypoint) : undefined,
    };
    return branch.leaf;
  }

  function runCellOf({ model, method }: RunEvent): Histogram {
    const branch = step(step(runCells, model), method);
    branch.leaf ??= runTime.cell(model, method ?? "", "TF1");
    return branch.leaf;
  }

  function batchCellsOf(pool: string): BatchCells {
    const branch = step(batchCells, pool);
    branch.leaf ??= {
      queueing: queueing.cell(pool),
      inputSize: inputSize.cell(),
      processedSize: processedSize.cell(),
      batches: batches.cell(),
    };
    return branch.leaf;
  }

  const telemetry: Telemetry = {
    requestEnded: (event) => {
      const { entrypoint, method, model, milliseconds } = event;
      if (event.examples !== undefined) {
        observe(examples.cell(model), event.examples);
        exampleTotal.cell(model).value += event.examples;
      }
      if (entrypoint === "GRPC" && !inference.has(method)) return;
      const cells = cellsOf(event);
      cells.count.value++;
      if (cells.latency) observe(cells.latency, micros(milliseconds));
    },
    runEnded: (event) => {
      allRuns.value++;
      allRunTime.value += micros(event.milliseconds);
      if (event.code === "OK") observe(runCellOf(event), micros(event.milliseconds));
    },
    loadEnded: ({ uri, code, milliseconds }) => {
      loadAttempts.cell(uri, code === "OK" ? "success" : "fail").value++;
      if (code === "OK") loadTime.cell(uri).value += micros(milliseconds);
    },
    warmedUp: ({ path, code, records, milliseconds }) => {
      observe(warmupTime.cell(path, code), micros(milliseconds));
      warmupRecords.cell(path, code).value += records;
    },
    requestLogged: ({ model, code }) => {
      logged.cell(model, code).value++;
    },
    batchStarted: ({ pool, waits, requestRows, rows, size }) => {
      const cells = batchCellsOf(pool);
      for (const wait of waits) observe(cells.queueing, micros(wait));
      for (const each of requestRows) observe(cells.inputSize, each);
      observe(padding.cell(String(size)), size - rows);
      observe(cells.processedSize, size);
      cells.batches.value++;
    },
    mlmdFound: ({ model, version }) => {
      mlmd.cell(model, version.toString());
    },
    batchEnded: () => {},
    downloaded: () => {},
    downloadEnded: () => {},
    cacheSeen: () => {},
  };
  return {
    families: [
      loadAttempts,
      loadTime,
      graphRunTime,
      graphRuns,
      inputSize,
      padding,
      processedSize,
      queueing,
      batches,
      mlmd,
      warmupTime,
      warmupRecords,
      requests,
      exampleTotal,
      examples,
      requestTime,
      logged,
      runTime,
    ],
    telemetry,
    retire: (model, version) => mlmd.drop(model, version.toString()),
  };
}
