import { type ChildRows, LASTING } from "./child-rows.ts";
import type { FlatWorld } from "./flat-world.ts";

/** As in mesh/src/striped-push/child-worth.ts, by the same names. */
const COMPLAINTS_HALVE = 3;
const COMPLAINTS_FADE = 0.99;

/** What children can give, as far as their word counts: mesh/src/striped-push/child-worth.ts. By slot. */
export class FlatChildWorth {
  readonly #world: FlatWorld;
  /** How often others were in want of what the source's child in this slot had from it; fades. */
  readonly #complaints: Float32Array;

  constructor(world: FlatWorld) {
    this.#world = world;
    this.#complaints = new Float32Array(world.links.end(0));
  }

  /** To one stripe, in bit/s. */
  inside(stripe: number, slot: number): number {
    const { links, uplinks, interior } = this.#world;
    const child = links.peer[slot] as number;
    const uploadBps = uplinks.announcedBps[child] as number;
    return interior.worthBps(child, uploadBps, stripe) / this.#doubt(slot);
  }

  /** To any, in bit/s. */
  ofUplink(slot: number): number {
    const { links, uplinks } = this.#world;
    return (uplinks.announcedBps[links.peer[slot] as number] as number) / this.#doubt(slot);
  }

  /** Whether so many were in want of what it has that it seems to keep it to itself. */
  isDoubted(slot: number): boolean {
    return (this.#complaints[slot] ?? 0) >= COMPLAINTS_HALVE;
  }

  /** Somebody is in want of what the source's tenants of a stripe have. */
  complain(rows: ChildRows, table: number): void {
    for (let row = rows.first(table); row < rows.end(table); row++) {
      const slot = rows.slots[row] as number;
      if (rows.untilMs[row] === LASTING) {
        this.#complaints[slot] = (this.#complaints[slot] as number) + 1;
      }
    }
  }

  fade(): void {
    this.#complaints.forEach((count, slot) => {
      this.#complaints[slot] = count < 0.5 ? 0 : count * COMPLAINTS_FADE;
    });
  }

  forget(slot: number): void {
    if (slot < this.#complaints.length) this.#complaints[slot] = 0;
  }

  #doubt(slot: number): number {
    return 1 + (this.#complaints[slot] ?? 0) / COMPLAINTS_HALVE;
  }
}
