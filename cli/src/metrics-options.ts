import type { Command } from "commander";
import { parsePort } from "./value-parsers.ts";

export type MetricsFlags = { metricsPort?: number; metricsHost: string };

/** Options of every command that runs on. */
export function addMetricsOptions(command: Command): Command {
  return command
    .option(
      "--metrics-port <port>",
      "port for /metrics, /healthz and /readyz without tokens, for a network of your own (default: none)",
      parsePort,
    )
    .option("--metrics-host <address>", "address it listens on", "127.0.0.1");
}

/** Where to; undefined is nowhere. */
export function metricsPlace({ metricsPort: port, metricsHost: host }: MetricsFlags) {
  return port === undefined ? undefined : { host, port };
}
