import type { PeerId } from "#protocol";
import {
  type Experiment,
  type PeerOrder,
  STEER_LIMITS,
  type StandingOrder,
  type Steer,
} from "#protocol/control";
import type { SocketId } from "../swarm.ts";

/** For how long one message is good, in ms: peers that lose this tracker are soon their own masters. */
const FOR_MS = 120_000;
/** And how long before it is said again. */
const RENEW_MS = 45_000;
/** Pause between the reports of peers while somebody watches, in ms. */
export const REPORT_MS = 2000;
/** Orders of one stream at a time: bounds memory. */
const ORDERS_MAX = 5000;

export type SteeredMember = { peerId: PeerId; socketId: SocketId; isSeeder: boolean };
export type SteerDelivery = { to: [SocketId]; event: "steer"; message: Steer };

type Order = Omit<PeerOrder, "peerIds" | "forSec"> & { untilMs: number };
type Sent = { text: string; atMs: number };

/** What the peers of one stream are to do for an experiment, and who has been told. Pure. */
export class SteeringDesk {
  #experiment: Experiment = {};
  readonly #orders = new Map<PeerId, Order>();
  #sent = new Map<SocketId, Sent>();

  get experiment(): Experiment {
    return this.#experiment;
  }

  get orderCount(): number {
    return this.#orders.size;
  }

  setExperiment(experiment: Experiment): void {
    this.#experiment = experiment;
  }

  /** @throws {RangeError} When there are too many orders. */
  order({ peerIds, forSec, ...order }: PeerOrder, nowMs: number): void {
    const isLifted = order.uploadBps === undefined && order.isAway !== true;
    if (!isLifted && this.#orders.size + peerIds.length > ORDERS_MAX) {
      throw new RangeError(`${ORDERS_MAX} peers may be under orders at a time`);
    }
    for (const peerId of peerIds as PeerId[]) {
      if (isLifted) this.#orders.delete(peerId);
      else this.#orders.set(peerId, { ...order, untilMs: nowMs + forSec * 1000 });
    }
  }

  orderOf(peerId: PeerId, nowMs: number): StandingOrder | undefined {
    const order = this.#orders.get(peerId);
    if (order === undefined) return undefined;
    const { untilMs, ...rest } = order;
    return { ...rest, endsInSec: Math.max(0, Math.round((untilMs - nowMs) / 1000)) };
  }

  /** Nothing to tell, nobody to take anything back from. */
  get isIdle(): boolean {
    const { tuning, chunkMs } = this.#experiment;
    const isPlain = tuning === undefined && chunkMs === undefined;
    return isPlain && this.#orders.size === 0 && this.#sent.size === 0;
  }

  /**
   * What has to be said now. @param isAsked Whether somebody wants to know what this peer does.
   */
  due(
    members: Iterable<SteeredMember>,
    isAsked: (member: SteeredMember) => boolean,
    nowMs: number,
  ): SteerDelivery[] {
    for (const [peerId, { untilMs }] of this.#orders) {
      if (untilMs <= nowMs) this.#orders.delete(peerId);
    }
    const deliveries: SteerDelivery[] = [];
    const before = this.#sent;
    // Who has left is forgotten with the old map.
    this.#sent = new Map();
    for (const member of members) {
      const wish = this.#wishFor(member, isAsked(member));
      const sent = before.get(member.socketId);
      if (wish === undefined) {
        if (sent !== undefined) deliveries.push(steer(member, { forMs: 0 }));
        continue;
      }
      const text = JSON.stringify(wish);
      const isSaid = sent?.text === text && nowMs - sent.atMs < RENEW_MS;
      this.#sent.set(member.socketId, isSaid ? sent : { text, atMs: nowMs });
      if (!isSaid) deliveries.push(steer(member, { ...wish, forMs: FOR_MS }));
    }
    return deliveries;
  }

  /** Undefined: it is to do as it likes. */
  #wishFor(
    { peerId, isSeeder }: SteeredMember,
    isAsked: boolean,
  ): Omit<Steer, "forMs"> | undefined {
    const { tuning, chunkMs } = this.#experiment;
    const order = this.#orders.get(peerId);
    const isSpared = tuning === undefined && order === undefined && !isAsked;
    if (isSpared && !(isSeeder && chunkMs !== undefined)) return undefined;
    return {
      ...(isAsked && { reportMs: REPORT_MS }),
      ...(tuning !== undefined && { tuning }),
      ...(isSeeder && chunkMs !== undefined && { chunkMs }),
      ...(order?.uploadBps !== undefined && {
        uploadBps: Math.max(STEER_LIMITS.uploadBps.min, order.uploadBps),
      }),
      ...(order?.isAway === true && { isAway: true }),
    };
  }
}

function steer({ socketId }: SteeredMember, message: Steer): SteerDelivery {
  return { to: [socketId], event: "steer", message };
}
