import type { SchedulerFactory } from "./scheduler.ts";
import { StripedPush } from "./striped-push/striped-push.ts";

/** Strategies a descriptor may name as its `scheduler`. */
export const SCHEDULER_FACTORIES: Readonly<Record<string, SchedulerFactory>> = {
  "striped-push": (context) => new StripedPush(context),
};

/** Their names. */
export const SCHEDULERS: readonly string[] = Object.keys(SCHEDULER_FACTORIES);
