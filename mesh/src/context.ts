import type { PeerId, PeerMessage, Role } from "#protocol";
import type { BlockStore } from "./block-store.ts";
import type { Checks } from "./checks.ts";
import type { MeshAction } from "./events.ts";
import type { Neighbor } from "./neighbor.ts";
import type { MeshOptions } from "./options.ts";
import type { Patience } from "./patience.ts";
import type { StripeTable } from "./stripe-table.ts";
import type { Uplink } from "./uplink.ts";

/** What the parts of one engine share. The engine sets `nowMs` before each step. */
export type MeshContext = {
  readonly self: PeerId;
  readonly role: Role;
  readonly options: MeshOptions;
  readonly random: () => number;
  readonly neighbors: Map<PeerId, Neighbor>;
  readonly stripes: StripeTable;
  readonly store: BlockStore;
  readonly uplink: Uplink;
  nowMs: number;
  /** How long after its usual time a block is waited for, in ms: learned from what came twice. */
  readonly patience: Patience;
  readonly checks: Checks;
  /** Until then what came late is put down to our own sleep. */
  forgiveUntilMs: number;
  /** Source clock minus local clock. */
  sourceOffsetMs: number;
  emit(action: MeshAction): void;
  send(to: PeerId, message: PeerMessage): void;
};
