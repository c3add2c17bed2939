import type { PeerId } from "#protocol";
import type { LinkFactory } from "../link.ts";
import { MemoryLink } from "./memory-link.ts";
import { microtaskSchedule, type Schedule } from "./scheduler.ts";

export type MemoryNetworkOptions = {
  /** Default: microtasks, so a test only awaits. With a virtual clock: its `schedule`. */
  schedule?: Schedule;
  /** One way, in ms. Default 0. */
  latencyMs?: number;
  /** What one direction of a link carries, in bit/s; the rest is buffered. Default: anything. */
  rateBps?: number;
};

/** A network inside one process, for tests: links between peers without sockets or WebRTC. */
export class MemoryNetwork {
  readonly schedule: Schedule;
  readonly latencyMs: number;
  readonly rateBps: number;
  readonly #links = new Map<string, MemoryLink>();
  readonly #unreachable = new Set<string>();
  #linkCount = 0;

  constructor(options: MemoryNetworkOptions = {}) {
    this.schedule = options.schedule ?? microtaskSchedule;
    this.latencyMs = options.latencyMs ?? 0;
    this.rateBps = options.rateBps ?? Number.POSITIVE_INFINITY;
  }

  /** The network as peer `self` sees it. */
  factory(self: PeerId): LinkFactory {
    const own = new Set<MemoryLink>();
    return {
      create: (peer, role, handlers) => {
        const name = `memory-${++this.#linkCount}`;
        const link = new MemoryLink(this, { name, self, peer: peer.peerId, role }, handlers);
        this.#links.set(name, link);
        own.add(link);
        return link;
      },
      close: () => {
        for (const link of own) link.close();
        own.clear();
      },
    };
  }

  /** From now on no link between the two opens; open ones stay. */
  separate(one: PeerId, other: PeerId): void {
    this.#unreachable.add(pair(one, other));
  }

  /** Silence: open links between the two stay open, and nothing arrives any more. */
  mute(one: PeerId, other: PeerId): void {
    for (const link of this.#links.values()) {
      if (pair(link.self, link.peer) === pair(one, other)) link.isMuted = true;
    }
  }

  isReachable(one: PeerId, other: PeerId): boolean {
    return !this.#unreachable.has(pair(one, other));
  }

  find(name: string): MemoryLink | undefined {
    return this.#links.get(name);
  }

  forget(name: string): void {
    this.#links.delete(name);
  }
}

/** A network of link factories in memory. */
export function memoryLinks(options: MemoryNetworkOptions = {}): MemoryNetwork {
  return new MemoryNetwork(options);
}

function pair(one: PeerId, other: PeerId): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
