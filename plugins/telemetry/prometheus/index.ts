import { definePlugin, EventBusToken, MetricsPageToken, provide, TelemetryToken } from "../../../core/index.js";
import { createMetrics, MetricsToken } from "./metrics.js";

export default definePlugin({
  name: "prometheus",
  factories: [],
  providers: [
    provide(MetricsToken, (container) => createMetrics(container.get(EventBusToken))),
    provide(TelemetryToken, (container) => container.get(MetricsToken).telemetry),
    provide(MetricsPageToken, (container) => container.get(MetricsToken).page),
  ],
});
