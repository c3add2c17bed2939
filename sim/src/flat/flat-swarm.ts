import { DEFAULT_MESH_OPTIONS, type MeshOptions } from "#mesh";
import { type PeerTraits, Population } from "../population.ts";
import { type Random, seededRandom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { Cancels } from "./cancels.ts";
import { CLIMB_BIT, KIND, kindOf, packed, placeOf, STRIPE_BITS, URGENT_BIT } from "./events.ts";
import { FlatBlocks } from "./flat-blocks.ts";
import { FlatChildren } from "./flat-children.ts";
import { FlatInterior } from "./flat-interior.ts";
import { FlatLags } from "./flat-lags.ts";
import { FlatLonely } from "./flat-lonely.ts";
import { FlatNetwork } from "./flat-network.ts";
import { FlatNews } from "./flat-news.ts";
import { FlatOrigin } from "./flat-origin.ts";
import { FlatOverlay } from "./flat-overlay.ts";
import { FlatParents } from "./flat-parents.ts";
import { FlatPatience } from "./flat-patience.ts";
import { FlatPeers } from "./flat-peers.ts";
import { FlatRecord } from "./flat-record.ts";
import { FlatRepair } from "./flat-repair.ts";
import { FlatTracker } from "./flat-tracker.ts";
import { FlatUplinks } from "./flat-uplinks.ts";
import { FlatUploads } from "./flat-uploads.ts";
import type { FlatWorld } from "./flat-world.ts";
import { Holders } from "./holders.ts";
import { Holdings } from "./holdings.ts";
import { Links } from "./links.ts";
import { ParentChoice } from "./parent-choice.ts";
import { StreamPlan } from "./stream-plan.ts";
import { TimingWheel } from "./timing-wheel.ts";

/** From a newcomer to tracker or origin and back, in ms, set-up included, as in ../simulation.ts. */
const FIRST_ANSWER_MS = 60;
/** How many peers a newcomer asks to be told of, as there. */
const INTRODUCE_AT_JOIN = 12;
/** The tracker's connection tells it this much later that somebody has gone, in ms, as there. */
const TRACKER_NOTICES_MS = 1000;
/** Of mesh/src/liveness.ts: silence is looked at this often, as share of `pingAfterMs`. */
const LIVENESS_SHARE = 0.5;
/** `SILENT_MS` of mesh/src/striped-push/parents.ts, looked at four times in that time. */
const PARENT_SILENT_MS = 1000;

/** A swarm in virtual time, in rows of typed arrays: the same course as ../simulation.ts takes. */
export class FlatSwarm implements FlatWorld {
  readonly scenario: Scenario;
  readonly options: MeshOptions;
  readonly seederOptions: MeshOptions;
  readonly random: Random;
  readonly wheel = new TimingWheel();
  readonly plan: StreamPlan;
  readonly peers: FlatPeers;
  readonly links: Links;
  readonly network: FlatNetwork;
  readonly holdings: Holdings;
  readonly uplinks: FlatUplinks;
  readonly cancels: Cancels;
  readonly patience: FlatPatience;
  readonly uploads: FlatUploads;
  readonly interior: FlatInterior;
  readonly lags: FlatLags;
  readonly children: FlatChildren;
  readonly parents: FlatParents;
  readonly choice: ParentChoice;
  readonly repair: FlatRepair;
  readonly holders: Holders;
  readonly lonely: FlatLonely;
  readonly tracker: FlatTracker;
  readonly overlay: FlatOverlay;
  readonly news: FlatNews;
  readonly record: FlatRecord;
  readonly blocks: FlatBlocks;
  readonly origin: FlatOrigin;
  eventCount = 0;
  readonly #population: Population;
  readonly #onWorld: (kind: number, about: number) => void;

  /**
   * @param capacity Peers there will ever be, the seeder included.
   * @param onWorld Told of events that are no peer's own: what the scenario has in store.
   */
  constructor(
    scenario: Scenario,
    seed: number,
    capacity: number,
    onWorld: (kind: number, about: number) => void,
  ) {
    this.scenario = scenario;
    this.options = { ...DEFAULT_MESH_OPTIONS, ...scenario.options };
    this.seederOptions = { ...DEFAULT_MESH_OPTIONS, ...scenario.seederOptions };
    this.random = seededRandom(seed);
    this.#onWorld = onWorld;
    this.#population = new Population(scenario, this.random);
    this.plan = new StreamPlan(scenario);
    this.peers = new FlatPeers(capacity);
    this.links = new Links(capacity);
    this.network = new FlatNetwork(scenario, this.peers, this.links, this.wheel, this.random);
    this.holdings = new Holdings(capacity, this.options.windowMs, this.plan);
    this.cancels = new Cancels(capacity);
    this.patience = new FlatPatience(capacity, this.options.repairSlackMs);
    this.record = new FlatRecord(this.peers, this.plan, this.wheel, scenario.measureFromMs);
    this.tracker = new FlatTracker(capacity, this.random);
    this.origin = new FlatOrigin(this);
    this.uplinks = new FlatUplinks(this);
    this.uploads = new FlatUploads(this);
    this.interior = new FlatInterior(this);
    this.lags = new FlatLags(this);
    this.children = new FlatChildren(this);
    this.parents = new FlatParents(this);
    this.choice = new ParentChoice(this);
    this.repair = new FlatRepair(this);
    this.holders = new Holders(this);
    this.lonely = new FlatLonely(this);
    this.overlay = new FlatOverlay(this, this.tracker);
    this.news = new FlatNews(this);
    this.blocks = new FlatBlocks(this, this.record);
    this.#begin(this.peers.add(seederTraits(scenario), 0));
  }

  run(untilMs: number): void {
    while (this.wheel.pop(untilMs)) {
      this.eventCount++;
      this.#dispatch(kindOf(this.wheel.a), placeOf(this.wheel.a), this.wheel.b, this.wheel.c);
    }
  }

  /** A newcomer asks the tracker for neighbors and the origin for where to begin. */
  arrive(): void {
    const { nowMs } = this.wheel;
    const viewer = this.peers.add(this.#population.draw(), nowMs);
    this.#begin(viewer);
    this.parents.begin(viewer);
    this.lonely.begin(viewer);
    this.wheel.push(nowMs + FIRST_ANSWER_MS, packed(KIND.joined, viewer), 0, 0);
    if (!this.tracker.isUp) return;
    this.tracker.announce(viewer);
    this.wheel.push(nowMs + FIRST_ANSWER_MS, packed(KIND.introduced, viewer), INTRODUCE_AT_JOIN, 0);
  }

  /** Gone without a word: neighbors notice its silence. */
  vanish(viewer: number): void {
    const { wheel, links, peers, options } = this;
    peers.leave(viewer, wheel.nowMs);
    wheel.push(wheel.nowMs + TRACKER_NOTICES_MS, packed(KIND.forgotten, viewer), 0, 0);
    for (let slot = links.first(viewer); slot < links.end(viewer); slot++) {
      if (links.peer[slot] === -1) continue;
      const back = links.back[slot] as number;
      const silentMs = PARENT_SILENT_MS * (1 + this.random() / 4);
      wheel.push(wheel.nowMs + silentMs, packed(KIND.silent, back), viewer, 0);
      const lateMs = LIVENESS_SHARE * options.pingAfterMs * this.random();
      const atMs = wheel.nowMs + options.deadAfterMs + lateMs;
      wheel.push(atMs, packed(KIND.close, back), viewer, 0);
    }
  }

  drop(slot: number): void {
    const { wheel, links } = this;
    const atMs = wheel.nowMs + (links.oneWayMs[slot] as number);
    wheel.push(atMs, packed(KIND.close, links.back[slot] as number), links.ownerOf(slot), 0);
    this.#forget(slot);
  }

  met(slot: number): void {
    const { links, repair, parents } = this;
    for (const end of [slot, links.back[slot] as number]) {
      const peer = links.ownerOf(end);
      this.uplinks.measure(end);
      if (peer === 0) continue;
      repair.claimed(peer, end);
      repair.lookWithin(peer, 0);
      parents.lookAgain(peer);
    }
  }

  #begin(peer: number): void {
    this.uplinks.begin(peer);
    this.news.begin(peer);
  }

  #forget(slot: number): void {
    const { links } = this;
    const peer = links.ownerOf(slot);
    const other = links.peer[slot] as number;
    this.children.neighborGone(peer, slot);
    this.parents.neighborGone(peer, slot);
    this.repair.neighborGone(peer, slot);
    this.uploads.neighborGone(peer, slot);
    links.free(slot);
    this.overlay.gone(peer, other);
  }

  #dispatch(kind: number, place: number, b: number, c: number): void {
    if (kind <= KIND.lastMessage) return this.#received(kind, place, b, c);
    switch (kind) {
      case KIND.drainTimer:
        return this.uploads.timer(place);
      case KIND.repairTimer:
        return this.repair.timer(place);
      case KIND.parentsTimer:
        return this.parents.timer(place);
      case KIND.roundTimer:
        return this.uplinks.timer(place);
      case KIND.newsTimer:
        return this.news.timer(place);
      case KIND.overlayTimer:
        return this.overlay.timer(place);
      case KIND.dialed:
        return this.overlay.dialed(place, b);
      case KIND.dialFailed:
        return this.overlay.failed(place, b);
      case KIND.introduced:
        return this.overlay.introduced(place, b);
      case KIND.joined:
        return this.origin.join(place);
      case KIND.fetched:
        return this.origin.fetched(place, c, b);
      case KIND.forgotten:
        return this.tracker.forget(place);
      default:
        return this.#onWorld(kind, place);
    }
  }

  /** A message, unless its link is no more. */
  #received(kind: number, slot: number, sender: number, about: number): void {
    const { links, peers } = this;
    const peer = links.ownerOf(slot);
    if (links.peer[slot] !== sender || !peers.isAlive(peer)) return;
    if (this.network.isCut(peer, sender) && kind < KIND.close) return;
    const stripe = about & STRIPE_BITS;
    switch (kind) {
      case KIND.push:
        return this.blocks.arrived(slot, about, false);
      case KIND.answer:
        return this.blocks.arrived(slot, about, true);
      case KIND.pushThrough:
        return this.blocks.received(slot, about, false);
      case KIND.answerThrough:
        return this.blocks.received(slot, about, true);
      case KIND.subscribe: {
        const isUrgent = (about & URGENT_BIT) !== 0;
        const insteadOf = (about & CLIMB_BIT) === 0 ? -1 : this.parents.between(slot, stripe);
        const isChild = this.children.subscribe(peer, stripe, slot, { isUrgent, insteadOf });
        if (isChild) this.blocks.catchUp(slot, stripe, about >> 8);
        return;
      }
      case KIND.accept:
        return this.parents.accepted(peer, stripe, slot);
      case KIND.refuse:
        return this.parents.refused(peer, stripe, slot, about >> 8);
      case KIND.unsubscribe:
        return this.children.remove(peer, stripe, slot);
      case KIND.request:
        return this.blocks.requested(slot, about);
      case KIND.deny:
        return this.repair.denied(peer, slot, about);
      case KIND.cancel:
        this.cancels.add(peer, slot - links.first(peer), about);
        return this.uploads.cancel(peer, slot, about);
      case KIND.silent:
        return this.parents.fellSilent(peer, slot);
      case KIND.close:
        return this.#forget(slot);
    }
  }
}

/** In the middle of the map, and reachable for everybody, as in ../simulation.ts. */
function seederTraits({ stream, seederUplinkOfStreamRate }: Scenario): PeerTraits {
  return {
    uplinkBps: seederUplinkOfStreamRate * stream.bitrateBps,
    downlinkBps: 100 * stream.bitrateBps,
    x: 0.5,
    y: 0.5,
    lan: -1,
    isHardNat: false,
    hasTurn: false,
    isHidden: false,
    isRelay: false,
    misbehavior: undefined,
  };
}
