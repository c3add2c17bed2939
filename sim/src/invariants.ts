import type { PeerMessage } from "#protocol";
import type { SimBlock } from "./media-source.ts";
import type { Simulation } from "./simulation.ts";
import type { SimPeer } from "./viewer.ts";

/** Violations remembered: the first ones tell, the rest repeat them. */
const VIOLATIONS_MAX = 20;

/** What must hold at any moment of any run, whatever the scenario does. */
export class Invariants {
  readonly violations: string[] = [];
  /** Blocks that an honest peer passed on though they were altered. */
  pollutedRelays = 0;
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Nothing unverified is relayed: an honest peer's blocks are genuine and were accepted by it. */
  sending(from: SimPeer, message: PeerMessage): void {
    if (message.type !== "block" || from.role === "seeder" || from.misbehavior === "polluter")
      return;
    const block = message.block as SimBlock;
    const isVerified = from.record.seen[block.serial] === 1;
    if (block.isGenuine && isVerified) return;
    this.pollutedRelays++;
    this.#violated(`${from.id} relays a block it has not verified`);
  }

  delivered(by: SimPeer, isNew: boolean, track: number, sequence: number): void {
    if (!isNew) this.#violated(`${by.id} delivers chunk ${track}/${sequence} twice`);
  }

  /** What costs too much to look at after every event. */
  everySecond(): void {
    this.#conservation();
  }

  #conservation(): void {
    const { sent, received, lost, underWay } = this.#simulation.network.bytes;
    if (Math.abs(sent - received - lost - underWay) > 1) {
      this.#violated(`${sent} bytes sent, but ${received} + ${lost} + ${underWay} accounted for`);
    }
  }

  #violated(what: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push(`at ${(this.#simulation.nowMs / 1000).toFixed(3)} s: ${what}`);
  }
}
