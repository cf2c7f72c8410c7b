import { type EventBus, type MetricsPage, type Telemetry, token } from "../../../core/index.js";
import { modelStates } from "./model-states.js";
import { modelNames } from "./names.js";
import { createPage } from "./page.js";
import { retirement } from "./retirement.js";
import { salverMetrics } from "./salver.js";
import { tensorflowMetrics } from "./tensorflow.js";

/** What counts, and the page that shows it. */
export type Metrics = { readonly telemetry: Telemetry; readonly page: MetricsPage };

export const MetricsToken = token<Metrics>("prometheus.Metrics");

export function createMetrics(events: EventBus): Metrics {
  const names = modelNames();
  const states = modelStates();
  const tensorflow = tensorflowMetrics();
  const salver = salverMetrics();
  const both = [tensorflow.telemetry, salver.telemetry] as const;
  const retire = (model: string, version: bigint) => {
    for (const each of [tensorflow, salver]) each.retire(model, version);
  };

  events.subscribe(({ model }) => names.know(model));
  events.subscribe(states.update);
  events.subscribe(retirement(retire));

  return {
    telemetry: {
      requestEnded: (event) => {
        event.model = names.labelOf(event.model);
        for (const each of both) each.requestEnded(event);
      },
      runEnded: (event) => {
        for (const each of both) each.runEnded(event);
      },
      loadEnded: (event) => {
        for (const each of both) each.loadEnded(event);
      },
      warmedUp: (event) => {
        for (const each of both) each.warmedUp(event);
      },
      requestLogged: (event) => {
        for (const each of both) each.requestLogged(event);
      },
      batchStarted: (event) => {
        for (const each of both) each.batchStarted(event);
      },
      mlmdFound: (event) => {
        for (const each of both) each.mlmdFound(event);
      },
      batchEnded: (event) => {
        for (const each of both) each.batchEnded(event);
      },
      downloaded: (event) => {
        for (const each of both) each.downloaded(event);
      },
      downloadEnded: (event) => {
        for (const each of both) each.downloadEnded(event);
      },
      cacheSeen: (event) => {
        for (const each of both) each.cacheSeen(event);
      },
    },
    page: createPage([...tensorflow.families, ...salver.families, states.family]),
  };
}
