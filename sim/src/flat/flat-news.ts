import { peerMessageBytes } from "#protocol";
import { KIND, packed } from "./events.ts";
import type { FlatWorld } from "./flat-world.ts";
import { NO_TICK } from "./timing-wheel.ts";

/** News tells of chunks of this much media beyond what came since the last, in ms: those under way then. */
const UNDER_WAY_MS = 500;
/** `SOON_MS` of mesh/src/news.ts. */
const SOON_MS = 120;

/**
 * Tells neighbors what each peer holds and how far behind the source it is: mesh/src/news.ts. A message
 * takes its time on the uplink, but its content is there at once, without the way to the neighbor.
 */
export class FlatNews {
  readonly #world: FlatWorld;
  readonly #haveBytes: number;
  readonly #timers: Int32Array;

  constructor(world: FlatWorld) {
    this.#world = world;
    this.#haveBytes = haveBytes(world);
    this.#timers = new Int32Array(world.peers.capacity).fill(NO_TICK);
  }

  begin(peer: number): void {
    this.#schedule(peer, this.#world.options.haveIntervalMs);
  }

  /** A stripe has begun to reach a peer: those who wait for one should not wait for the next round. */
  soon(peer: number): void {
    this.#schedule(peer, SOON_MS);
  }

  timer(peer: number): void {
    const { peers, links, network, repair, parents, holders, options, wheel } = this.#world;
    if (this.#timers[peer] !== wheel.tick) return;
    this.#timers[peer] = NO_TICK;
    if (!peers.isAlive(peer)) return;
    this.begin(peer);
    this.#publish(peer);
    holders.fade(peer, options.haveIntervalMs);
    let told = 0;
    const end = links.end(peer);
    for (let slot = links.first(peer); slot < end; slot++) {
      const other = links.peer[slot] as number;
      if (other <= 0 || !peers.isAlive(other)) continue;
      told++;
      repair.claimed(other, links.back[slot] as number);
      parents.lookAgain(other);
    }
    network.occupy(peer, told, this.#haveBytes);
  }

  #schedule(peer: number, inMs: number): void {
    const { wheel } = this.#world;
    const atMs = wheel.nowMs + inMs;
    const timer = this.#timers[peer] as number;
    if (timer !== NO_TICK && timer <= wheel.tickOf(atMs)) return;
    this.#timers[peer] = wheel.push(atMs, packed(KIND.newsTimer, peer), 0, 0);
  }

  #publish(peer: number): void {
    this.#world.holdings.publish(peer, this.#world.wheel.nowMs);
    this.#world.choice.tell(peer);
  }
}

/** Size of a usual `have`. */
function haveBytes({ plan, options }: FlatWorld): number {
  const chunks = Math.ceil((options.haveIntervalMs + UNDER_WAY_MS) / plan.chunkMs);
  const holdings = (track: number, count: number) => ({
    track,
    sequence: 0,
    has: new Array<boolean>(count).fill(true),
  });
  return peerMessageBytes({
    type: "have",
    lagsMs: new Array<number>(plan.stripes).fill(0),
    chunks: [
      ...Array.from({ length: chunks }, () => holdings(0, 4)),
      ...Array.from({ length: chunks }, () => holdings(1, 1)),
    ],
  });
}
