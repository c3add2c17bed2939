import type { PeerId, PeerMessage } from "#protocol";
import { EventQueue } from "../event-queue.ts";
import { type Due, Host, type Inbox } from "../host.ts";
import { simPeerId } from "../ids.ts";
import { Network } from "../network.ts";
import type { PeerTraits } from "../population.ts";
import { seededRandom } from "../random.ts";
import { type Scenario, STEADY } from "../scenario.ts";

export const TRAITS: PeerTraits = {
  uplinkBps: 8_000_000,
  downlinkBps: 1_000_000_000,
  x: 0,
  y: 0,
  lan: -1,
  isHardNat: false,
  hasTurn: false,
  isHidden: false,
  isRelay: false,
  misbehavior: undefined,
};

/** A calm network: 10 ms everywhere, nothing lost, nothing varies. */
export const CALM: Partial<Scenario> = {
  latencyMs: { min: 10, max: 10 },
  jitter: 0,
  packetLoss: 0,
};

export type Arrival = { atMs: number; from: PeerId; message: PeerMessage; sizeBytes: number };

/** A network in virtual time, with hosts that write down what they hear. */
export class NetworkRig {
  readonly queue = new EventQueue<Due>();
  readonly network: Network;
  nowMs = 0;
  #count = 0;

  constructor(changed: Partial<Scenario> = {}) {
    const scenario = { ...STEADY, ...CALM, ...changed };
    this.network = new Network(scenario, this.queue, seededRandom(1));
  }

  host(traits: Partial<PeerTraits> = {}): RecordingHost {
    return new RecordingHost(this, simPeerId(this.#count++), { ...TRAITS, ...traits });
  }

  /** Two hosts with an open link. */
  pair(a: Partial<PeerTraits> = {}, b: Partial<PeerTraits> = {}): [RecordingHost, RecordingHost] {
    const ends: [RecordingHost, RecordingHost] = [this.host(a), this.host(b)];
    this.network.connect(ends[0].host, ends[1].host, 0, () => {});
    this.run();
    return ends;
  }

  /** Until nothing is due, or this time. */
  run(untilMs = Number.POSITIVE_INFINITY): void {
    while (this.queue.size > 0 && this.queue.nextAtMs <= untilMs) {
      this.nowMs = this.queue.nextAtMs;
      this.network.nowMs = this.nowMs;
      this.queue.pop().run(this.nowMs);
    }
  }
}

export class RecordingHost implements Inbox {
  readonly host: Host;
  readonly arrivals: Arrival[] = [];
  readonly notices: string[] = [];
  onArrival: (arrival: Arrival) => void = () => {};
  readonly #rig: NetworkRig;

  constructor(rig: NetworkRig, peer: PeerId, traits: PeerTraits) {
    this.#rig = rig;
    this.host = new Host(peer, traits, this);
  }

  arrived(from: PeerId, message: PeerMessage, sizeBytes: number): void {
    const arrival = { atMs: this.#rig.nowMs, from, message, sizeBytes };
    this.arrivals.push(arrival);
    this.onArrival(arrival);
  }

  congested(): void {
    this.notices.push("congested");
  }

  drained(): void {
    this.notices.push("drained");
  }

  linkClosed(): void {
    this.notices.push("closed");
  }
}
