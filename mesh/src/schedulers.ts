import type { SchedulerFactory } from "./scheduler.ts";
import { StripedPush } from "./striped-push/striped-push.ts";
import { LatestUsefulPush } from "./treeless/latest-useful-push.ts";
import { DeadlinePull, RarestFirstPull } from "./treeless/pull.ts";

/** Strategies a descriptor may name as its `scheduler`. */
export const SCHEDULER_FACTORIES: Readonly<Record<string, SchedulerFactory>> = {
  "striped-push": (context) => new StripedPush(context),
  "latest-useful-push": (context) => new LatestUsefulPush(context),
  "rarest-first-pull": (context) => new RarestFirstPull(context),
  "deadline-pull": (context) => new DeadlinePull(context),
};

/** Their names. */
export const SCHEDULERS: readonly string[] = Object.keys(SCHEDULER_FACTORIES);
