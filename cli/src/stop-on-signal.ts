import type { Logger } from "./log.ts";

/** A stop that takes longer is cut short, in ms: two seconds were promised. */
const STOP_WITHIN_MS = 1800;

/** On SIGINT or SIGTERM: stop the server in an orderly way and end with 0. A second one ends now. */
export function stopOnSignal(
  server: { readonly stopWithinMs?: number; close(): Promise<void> },
  log: Logger,
): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(0);
    isStopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(0), server.stopWithinMs ?? STOP_WITHIN_MS).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
