import { Gauge, type Registry as MetricsRegistry } from "prom-client";
import { ALERT_KINDS } from "#protocol/control";
import type { Watch } from "./watch.ts";

/** How many streams each alert fires for, read when Prometheus asks. */
export function registerAlertMetric(metrics: MetricsRegistry, watch: Watch): void {
  new Gauge({
    name: "livemesh_alerts_firing",
    help: "Streams that an alert of the dashboard fires for",
    labelNames: ["kind"],
    registers: [metrics],
    collect() {
      const firing = watch.alerts();
      for (const kind of ALERT_KINDS) {
        this.set({ kind }, firing.filter((alert) => alert.kind === kind).length);
      }
    },
  });
}
