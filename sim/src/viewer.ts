import { type MeshAction, MeshEngine, type MeshEngineConfig, type MeshEvent } from "#mesh";
import { TREELESS_SCHEDULERS } from "#mesh/treeless";
import type { PeerId, PeerMessage, PeerRecord, Role, StreamDescriptor } from "#protocol";
import { adversaryOptions, twisted } from "./adversary.ts";
import { type Due, Host, type Inbox } from "./host.ts";
import type { ViewerRecord } from "./measure.ts";
import type { SimBlock } from "./media-source.ts";
import type { PeerTraits } from "./population.ts";
import type { Random } from "./random.ts";
import type { Misbehavior } from "./scenario.ts";

/** Strategies from outside that a scenario may name, and what overlay `static` builds. */
export type PlugIns = Pick<MeshEngineConfig, "schedulers" | "overlays" | "topology">;

/** What a peer of the simulation needs of the world. */
export type World = {
  readonly nowMs: number;
  readonly random: Random;
  readonly cpu: { perMessageUs: number; perVerifyUs: number };
  after(delayMs: number, run: () => void): void;
  /** At this time, or now if it has passed. */
  at(atMs: number, due: Due): void;
  send(from: SimPeer, to: PeerId, message: PeerMessage): void;
  connect(from: SimPeer, to: PeerId, via: PeerId | undefined): void;
  signaled(by: SimPeer, action: MeshAction & { type: "receive-signal" }): void;
  disconnect(from: SimPeer, peer: PeerId): void;
  /** The other side closed its link to this peer. */
  parted(peer: SimPeer, from: PeerId): void;
  findPeers(from: SimPeer, want: number): void;
  join(from: SimPeer): void;
  fetch(from: SimPeer, action: MeshAction & { type: "fetch" }): void;
  accepted(by: SimPeer, block: SimBlock): void;
  delivered(by: SimPeer, action: MeshAction & { type: "deliver" }): void;
  crashed(peer: SimPeer, event: MeshEvent, error: unknown): void;
};

/** Timers of a hidden tab fire on whole seconds. */
const HIDDEN_TIMER_MS = 1000;

/** What an engine does to get the stream: an attacker that only wants links leaves it undone. */
const WANTED_BY_VIEWERS: ReadonlySet<MeshAction["type"]> = new Set([
  "connect",
  "fetch",
  "join",
  "find-peers",
]);

/** One peer: the shipped engine, its machine, and, if it is not honest, what it makes of it. */
export class SimPeer implements Inbox {
  readonly id: PeerId;
  readonly role: Role;
  readonly host: Host;
  readonly engine: MeshEngine;
  readonly record: ViewerRecord;
  /** An operator's, known to the tracker as one with much to give. */
  readonly isRelay: boolean;
  /** Engine options that are not the defaults. */
  readonly stated: Record<string, number>;
  misbehavior: Misbehavior | undefined;
  readonly #world: World;
  /** Made once: timers are set at every step. */
  readonly #timer: Due = { run: () => this.#rung() };
  #cpuFreeAtMs = 0;
  #verifierFreeAtMs = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(
    world: World,
    options: {
      id: PeerId;
      role: Role;
      traits: PeerTraits;
      descriptor: StreamDescriptor;
      record: ViewerRecord;
      engineOptions: Record<string, number>;
      plugIns: PlugIns;
    },
  ) {
    const { id, role, traits, descriptor, record, engineOptions, plugIns } = options;
    this.#world = world;
    this.id = id;
    this.role = role;
    this.isRelay = traits.isRelay;
    this.stated = engineOptions;
    this.record = record;
    this.misbehavior = traits.misbehavior;
    this.host = new Host(id, traits, this);
    this.engine = new MeshEngine({
      ...plugIns,
      schedulers: { ...TREELESS_SCHEDULERS, ...plugIns.schedulers },
      self: id,
      role,
      descriptor,
      signedDescriptor: { body: new Uint8Array(1024), signature: new Uint8Array(64) },
      random: world.random,
      bufferedBytes: () => this.host.waitingBytes,
      options: { ...engineOptions, ...adversaryOptions(this.misbehavior) },
    });
  }

  /** Feed one event and do what the engine says. */
  step(event: MeshEvent): void {
    if (this.host.isGone) return;
    for (const action of this.#actionsFor(event)) this.#perform(action);
    this.#wake();
  }

  /** Nothing that comes over the wire may make an engine throw: if it does, this peer has crashed. */
  #actionsFor(event: MeshEvent): MeshAction[] {
    try {
      return this.engine.step(event, this.#world.nowMs);
    } catch (error) {
      this.#world.crashed(this, event, error);
      return [];
    }
  }

  introduced(peers: readonly PeerRecord[]): void {
    this.step({ type: "peers-introduced", peers });
  }

  arrived(from: PeerId, message: PeerMessage, sizeBytes: number): void {
    const { nowMs, cpu } = this.#world;
    const startMs = Math.max(nowMs, this.#cpuFreeAtMs);
    this.#cpuFreeAtMs = startMs + cpu.perMessageUs / 1000;
    const event = { type: "message-received", from, message, sizeBytes } as const;
    if (startMs > nowMs) this.#world.after(startMs - nowMs, () => this.step(event));
    else this.step(event);
  }

  congested(peer: PeerId): void {
    this.step({ type: "link-congested", peer });
  }

  drained(peer: PeerId): void {
    this.step({ type: "link-drained", peer });
  }

  linkClosed(peer: PeerId): void {
    this.#world.parted(this, peer);
    this.step({ type: "neighbor-disconnected", peer });
  }

  #perform(action: MeshAction): void {
    const world = this.#world;
    if (this.misbehavior === "eclipser" && WANTED_BY_VIEWERS.has(action.type)) return;
    switch (action.type) {
      case "send": {
        const message =
          this.misbehavior === undefined ? action.message : twisted(action, this.misbehavior);
        if (message !== undefined) world.send(this, action.to, message);
        return;
      }
      case "verify":
        return this.#verify(action);
      case "connect":
        return world.connect(this, action.peer, action.via);
      case "disconnect":
        return world.disconnect(this, action.peer);
      case "deliver":
        return world.delivered(this, action);
      case "fetch":
        return world.fetch(this, action);
      case "join":
        return world.join(this);
      case "find-peers":
        return world.findPeers(this, action.want);
      case "verify-records":
        return this.#verifyRecords(action);
      case "receive-signal":
        return world.signaled(this, action);
      case "verify-descriptor":
      case "report":
        return;
    }
  }

  #verify({ from, block }: MeshAction & { type: "verify" }): void {
    this.#world.after(this.#verifyingMs(1), () => {
      const simBlock = block as SimBlock;
      const isValid = simBlock.isGenuine;
      if (isValid && !this.host.isGone) this.#world.accepted(this, simBlock);
      this.step({ type: "block-verified", from, block, isValid });
    });
  }

  /** All are genuine: to forge the tracker's word is left to the tests of the driver. */
  #verifyRecords({ from, records }: MeshAction & { type: "verify-records" }): void {
    this.#world.after(this.#verifyingMs(records.length), () =>
      this.step({ type: "records-verified", from, records }),
    );
  }

  /** Until so many more signatures are checked, in ms; they queue for one verifier. */
  #verifyingMs(count: number): number {
    const { nowMs, cpu } = this.#world;
    const freeAtMs = Math.max(nowMs, this.#verifierFreeAtMs);
    this.#verifierFreeAtMs = freeAtMs + (count * cpu.perVerifyUs) / 1000;
    return this.#verifierFreeAtMs - nowMs;
  }

  #rung(): void {
    const { nowMs } = this.#world;
    // Replaced by one that is earlier.
    if (this.#wakeAtMs > nowMs) return;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    if (this.engine.wakeAtMs <= nowMs) this.step({ type: "tick" });
    else this.#wake();
  }

  /** One timer at a time; one that fires early looks again. */
  #wake(): void {
    const { nowMs } = this.#world;
    let atMs = this.engine.wakeAtMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (this.host.traits.isHidden) atMs = Math.ceil(atMs / HIDDEN_TIMER_MS) * HIDDEN_TIMER_MS;
    if (this.#wakeAtMs <= atMs && this.#wakeAtMs > nowMs) return;
    this.#wakeAtMs = atMs;
    this.#world.at(atMs, this.#timer);
  }
}
