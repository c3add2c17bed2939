import type { MeshOptions } from "#mesh";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { Cancels } from "./cancels.ts";
import type { FlatChildren } from "./flat-children.ts";
import type { FlatInterior } from "./flat-interior.ts";
import type { FlatLags } from "./flat-lags.ts";
import type { FlatLonely } from "./flat-lonely.ts";
import type { FlatNetwork } from "./flat-network.ts";
import type { FlatNews } from "./flat-news.ts";
import type { FlatOverlay } from "./flat-overlay.ts";
import type { FlatParents } from "./flat-parents.ts";
import type { FlatPatience } from "./flat-patience.ts";
import type { FlatPeers } from "./flat-peers.ts";
import type { FlatRepair } from "./flat-repair.ts";
import type { FlatUplinks } from "./flat-uplinks.ts";
import type { FlatUploads } from "./flat-uploads.ts";
import type { Holders } from "./holders.ts";
import type { Holdings } from "./holdings.ts";
import type { Links } from "./links.ts";
import type { ParentChoice } from "./parent-choice.ts";
import type { StreamPlan } from "./stream-plan.ts";
import type { TimingWheel } from "./timing-wheel.ts";

/** What the rules share. Each rule is one object for all peers, with a row for each of them. */
export type FlatWorld = {
  readonly scenario: Scenario;
  readonly options: MeshOptions;
  readonly seederOptions: MeshOptions;
  readonly random: Random;
  readonly wheel: TimingWheel;
  readonly plan: StreamPlan;
  readonly peers: FlatPeers;
  readonly links: Links;
  readonly network: FlatNetwork;
  readonly holdings: Holdings;
  readonly uplinks: FlatUplinks;
  readonly cancels: Cancels;
  readonly patience: FlatPatience;
  readonly news: FlatNews;
  readonly uploads: FlatUploads;
  readonly interior: FlatInterior;
  readonly lags: FlatLags;
  readonly children: FlatChildren;
  readonly parents: FlatParents;
  readonly choice: ParentChoice;
  readonly repair: FlatRepair;
  readonly holders: Holders;
  readonly lonely: FlatLonely;
  readonly overlay: FlatOverlay;
  /** Part from a neighbor: nothing more goes to it or comes from it. */
  drop(slot: number): void;
  /** A link has opened. @param slot Of the one who dialed. */
  met(slot: number): void;
};

export function optionsOf(world: FlatWorld, peer: number): MeshOptions {
  return peer === 0 ? world.seederOptions : world.options;
}

/** As the engine's `#jittered`: pauses of many peers must not fall together. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.8 + 0.4 * random());
}
