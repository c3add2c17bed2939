import type { MeshAction } from "#mesh";
import type { PeerId } from "#protocol";
import type { SimPeer } from "./viewer.ts";

/** An offer or answer with its candidates, as JSON. */
const SIGNAL_BYTES = 2500;
/** Nobody waits longer for an answer, in ms. */
const ANSWER_TIMEOUT_MS = 5000;

const OFFER = new Uint8Array(SIGNAL_BYTES);
const ANSWER = new Uint8Array(SIGNAL_BYTES).fill(1);

/** What negotiations need of the world. */
export type NegotiationWorld = {
  after(delayMs: number, run: () => void): void;
  /** The answer is there: open the link. */
  answered(from: SimPeer, to: PeerId): void;
};

/** Negotiation passed on by neighbors, which is what is left when the tracker is gone. */
export class Negotiations {
  readonly #world: NegotiationWorld;
  readonly #offered = new Set<string>();

  constructor(world: NegotiationWorld) {
    this.#world = world;
  }

  offer(from: SimPeer, to: PeerId, via: PeerId): void {
    const key = `${from.id} ${to}`;
    this.#offered.add(key);
    this.#say(from, to, via, OFFER);
    this.#world.after(ANSWER_TIMEOUT_MS, () => {
      if (this.#offered.delete(key)) from.step({ type: "connect-failed", peer: to });
    });
  }

  received(by: SimPeer, { from, via, body }: MeshAction & { type: "receive-signal" }): void {
    if (body[0] === OFFER[0]) return this.#say(by, from.peerId, via, ANSWER);
    const isExpected = this.#offered.delete(`${by.id} ${from.peerId}`);
    if (isExpected) this.#world.answered(by, from.peerId);
  }

  /** Later: the step that asked for it must end first. */
  #say(from: SimPeer, to: PeerId, via: PeerId, body: Uint8Array): void {
    this.#world.after(0, () => from.step({ type: "signal-out", via, to, body }));
  }
}
