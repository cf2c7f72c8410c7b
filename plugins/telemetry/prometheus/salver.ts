import type { BatchEvent, CodeName, RequestEvent, RunEvent } from "../../../core/index.js";
import { type Branch, cut, newBranch, step } from "./branch.js";
import { histograms, type Scalar, scalars } from "./family.js";
import { type Histogram, observe } from "./histogram.js";
import type { MetricSet } from "./metric-set.js";

const fast = [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const slow = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

const ofSignature = ["model", "version", "signature"];

type BatchCells = { readonly total: Scalar; readonly padding: Scalar };
type PoolCells = { readonly wait: Histogram; readonly rows: Histogram };
type RequestCells = { readonly total: Scalar; readonly duration: Histogram };

/** The project's own metrics: base units and labels as Prometheus' conventions have them. */
export function salverMetrics(): MetricSet {
  const requests = scalars("counter", {
    name: "salver_requests_total",
    help: "Requests answered, by the code of the answer.",
    labels: ["model", "method", "transport", "code"],
  });
  const requestTime = histograms({
    name: "salver_request_duration_seconds",
    help: "Time from a request's last byte until its answer was ready.",
    labels: ["model", "version", "signature", "method", "transport", "code"],
    limits: fast,
  });
  const runTime = histograms({
    name: "salver_run_duration_seconds",
    help: "Time of one run of a model, waiting for its batch included.",
    labels: ["model", "version", "signature", "code"],
    limits: fast,
  });
  const loadTime = histograms({
    name: "salver_load_duration_seconds",
    help: "Time of one attempt to load a version.",
    labels: ["model", "code"],
    limits: slow,
  });
  const warmupTime = histograms({
    name: "salver_warmup_duration_seconds",
    help: "Time of the warm-up of one version.",
    labels: ["model", "code"],
    limits: slow,
  });
  const logged = scalars("counter", {
    name: "salver_logged_requests_total",
    help: "Requests chosen for the request log, by whether they were written.",
    labels: ["model", "code"],
  });

  const batches = scalars("counter", {
    name: "salver_batches_total",
    help: "Batches that ran, by why they took no more rows.",
    labels: [...ofSignature, "closed"],
  });
  const paddingRows = scalars("counter", {
    name: "salver_batch_padding_rows_total",
    help: "Rows that batches were padded with.",
    labels: ofSignature,
  });
  const batchTime = histograms({
    name: "salver_batch_run_duration_seconds",
    help: "Time of the run of one batch, waiting not included.",
    labels: [...ofSignature, "code"],
    limits: fast,
  });
  const batchWait = histograms({
    name: "salver_batch_wait_seconds",
    help: "Time that a request waited for its batch to begin.",
    labels: ["pool"],
    limits: fast,
  });
  const batchRows = histograms({
    name: "salver_batch_rows",
    help: "Rows of the batches that ran, without padding.",
    labels: ["pool"],
    limits: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
  });

  const downloadBytes = scalars("counter", {
    name: "salver_download_bytes_total",
    help: "Bytes of versions that came from remote sources.",
    labels: ["model"],
  });
  const downloadTime = histograms({
    name: "salver_download_duration_seconds",
    help: "Time of one attempt to bring a version from a remote source.",
    labels: ["model", "code"],
    limits: slow,
  });
  const cacheBytes = scalars("gauge", {
    name: "salver_cache_bytes",
    help: "Size of the cache of remote versions when it was last looked through.",
    labels: [],
  });
  const cacheVersions = scalars("gauge", {
    name: "salver_cache_versions",
    help: "Versions in the cache of remote versions when it was last looked through.",
    labels: [],
  });
  const cacheEvictions = scalars("counter", {
    name: "salver_cache_evictions_total",
    help: "Versions that this server removed from the cache to make room.",
    labels: [],
  });

  const mlmd = scalars("gauge", {
    name: "salver_mlmd_info",
    help: "Always 1, for each version with a key in ML Metadata; the key is the label uuid.",
    labels: ["model", "version", "uuid"],
  });

  const requestCells: Branch<RequestCells> = newBranch();
  const runCells: Branch<Histogram> = newBranch();
  const batchCells: Branch<BatchCells> = newBranch();
  const batchTimeCells: Branch<Histogram> = newBranch();
  const poolCells: Branch<PoolCells> = newBranch();

  function requestCellsOf({ model, version, signature, method, entrypoint, code }: RequestEvent): RequestCells {
    const ofSignature = step(step(step(requestCells, model), version), signature);
    const branch = step(step(step(ofSignature, method), entrypoint), code);
    if (branch.leaf) return branch.leaf;
    const kind = [method ?? "", entrypoint.toLowerCase(), code];
    branch.leaf = {
      total: requests.cell(model, ...kind),
      duration: requestTime.cell(model, version?.toString() ?? "", signature ?? "", ...kind),
    };
    return branch.leaf;
  }

  function runCellOf({ model, version, signature, code }: RunEvent): Histogram {
    const branch = step(step(step(step(runCells, model), version), signature), code);
    branch.leaf ??= runTime.cell(model, version.toString(), signature, code);
    return branch.leaf;
  }

  function batchCellsOf({ model, version, signature, closed }: BatchEvent): BatchCells {
    const branch = step(step(step(step(batchCells, model), version), signature), closed);
    branch.leaf ??= {
      total: batches.cell(model, version.toString(), signature, closed),
      padding: paddingRows.cell(model, version.toString(), signature),
    };
    return branch.leaf;
  }

  function poolCellsOf(pool: string): PoolCells {
    const branch = step(poolCells, pool);
    branch.leaf ??= { wait: batchWait.cell(pool), rows: batchRows.cell(pool) };
    return branch.leaf;
  }

  function batchTimeCellOf({ model, version, signature }: BatchEvent, code: CodeName): Histogram {
    const branch = step(step(step(step(batchTimeCells, model), version), signature), code);
    branch.leaf ??= batchTime.cell(model, version.toString(), signature, code);
    return branch.leaf;
  }

  const byVersion = [requestTime, runTime, batches, paddingRows, batchTime, mlmd];
  const cellsByVersion: readonly Branch<unknown>[] = [requestCells, runCells, batchCells, batchTimeCells];

  return {
    families: [
      ...[requests, requestTime, runTime, loadTime, warmupTime, logged],
      ...[batches, paddingRows, batchTime, batchWait, batchRows, mlmd],
      ...[downloadBytes, downloadTime, cacheBytes, cacheVersions, cacheEvictions],
    ],
    telemetry: {
      requestEnded: (event) => {
        const cells = requestCellsOf(event);
        cells.total.value++;
        observe(cells.duration, event.milliseconds / 1000);
      },
      runEnded: (event) => observe(runCellOf(event), event.milliseconds / 1000),
      loadEnded: ({ model, code, milliseconds }) => observe(loadTime.cell(model, code), milliseconds / 1000),
      warmedUp: ({ model, code, milliseconds }) => observe(warmupTime.cell(model, code), milliseconds / 1000),
      requestLogged: ({ model, code }) => {
        logged.cell(model, code).value++;
      },
      batchStarted: (event) => {
        const { pool, waits, rows, size } = event;
        const ofPool = poolCellsOf(pool);
        for (const wait of waits) observe(ofPool.wait, wait / 1000);
        observe(ofPool.rows, rows);
        const cells = batchCellsOf(event);
        cells.total.value++;
        cells.padding.value += size - rows;
      },
      mlmdFound: ({ model, version, uuid }) => {
        mlmd.drop(model, version.toString());
        mlmd.cell(model, version.toString(), uuid).value = 1;
      },
      batchEnded: ({ batch, code, milliseconds }) => observe(batchTimeCellOf(batch, code), milliseconds / 1000),
      downloaded: ({ model, bytes }) => {
        downloadBytes.cell(model).value += bytes;
      },
      downloadEnded: ({ model, code, milliseconds }) => observe(downloadTime.cell(model, code), milliseconds / 1000),
      cacheSeen: ({ bytes, versions, evicted }) => {
        cacheBytes.cell().value = bytes;
        cacheVersions.cell().value = versions;
        cacheEvictions.cell().value += evicted;
      },
    },
    retire: (model, version) => {
      for (const family of byVersion) family.drop(model, version.toString());
      for (const cells of cellsByVersion) cut(step(cells, model), version);
    },
  };
}
