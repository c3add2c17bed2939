import type { SchedulerFactory } from "./scheduler.ts";
import { StripedPush } from "./striped-push/striped-push.ts";

/** Strategies that every engine has. Those of `treeless/` come along where a stream names one: most do
 * not, and players are small. */
export const SCHEDULER_FACTORIES: Readonly<Record<string, SchedulerFactory>> = {
  "striped-push": (context) => new StripedPush(context),
};

/** What a descriptor may name as its `scheduler`. */
export const SCHEDULERS = [
  "striped-push",
  "latest-useful-push",
  "rarest-first-pull",
  "deadline-pull",
] as const;
