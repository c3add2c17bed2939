import type { SchedulerFactory } from "../scheduler.ts";
import { LatestUsefulPush } from "./latest-useful-push.ts";
import { DeadlinePull, RarestFirstPull } from "./pull.ts";

/** Strategies that build no trees, for {@link MeshEngineConfig.schedulers}. */
export const TREELESS_SCHEDULERS: Readonly<Record<string, SchedulerFactory>> = {
  "latest-useful-push": (context) => new LatestUsefulPush(context),
  "rarest-first-pull": (context) => new RarestFirstPull(context),
  "deadline-pull": (context) => new DeadlinePull(context),
};
