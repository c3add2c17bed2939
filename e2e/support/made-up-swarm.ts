import { io, type Socket } from "socket.io-client";
import { listedPeers } from "./api.ts";
import type { RunningStream } from "./livemesh.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const STRIPES = 8;
/** Peers that the seeder feeds. */
const FIRST = 8;
const STREAM_BYTES_PER_SEC = 300_000;

/**
 * Peers that say they watch, over real sockets, without any media: what a tracker and a dashboard have to do
 * with hundreds, on a machine that could not play that many.
 */
export class MadeUpSwarm {
  readonly #sockets: Socket[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly ids: readonly string[];

  static async join(stream: RunningStream, count: number): Promise<MadeUpSwarm> {
    const { baseUrl, streamId } = stream;
    const seeder = (await listedPeers(stream)).find(({ role }) => role === "seeder");
    const swarm = new MadeUpSwarm(count);
    const places = Array.from({ length: count }, (_, place) => place);
    await Promise.all(
      places.map((place) => swarm.#join(baseUrl, streamId, place, seeder?.peerId ?? "")),
    );
    return swarm;
  }

  private constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, place) => idOf(place));
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.disconnect();
  }

  /** How watching went in the last ten seconds, as every viewer says unasked. */
  #sayHow(socket: Socket, place: number): void {
    const { latencyMs, bytes } = this.#report(place, "", 10_000);
    const stalls = { count: place % 97 === 0 ? 1 : 0, totalMs: 0 };
    socket.emit("viewer-stats", { latencyMs, stalls, bytes, rejectedBlocks: 0 });
  }

  async #join(url: string, streamId: string, place: number, seeder: string): Promise<void> {
    const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
    this.#sockets.push(socket);
    socket.on("steer", ({ reportMs }: { reportMs?: number }) => {
      if (reportMs === undefined) return;
      this.#timers.push(
        setInterval(
          () => socket.emit("peer-report", this.#report(place, seeder, reportMs)),
          reportMs,
        ),
      );
    });
    await new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
    await socket.emitWithAck("announce", {
      streamId,
      peerId: this.ids[place],
      role: "viewer",
      want: 0,
    });
    this.#sayHow(socket, place);
    this.#timers.push(setInterval(() => this.#sayHow(socket, place), 10_000));
  }

  /** Each stripe comes from another peer, one of those that were there long before. */
  #report(place: number, seeder: string, spanMs: number) {
    const share = (STREAM_BYTES_PER_SEC * spanMs) / 1000 / STRIPES;
    const isFirst = place < FIRST;
    const sources = new Map<string, number>();
    for (let stripe = 0; stripe < STRIPES; stripe++) {
      const parent = Math.floor((place - FIRST) / 3) + ((stripe * 7) % FIRST);
      const from = isFirst ? seeder : (this.ids[parent] ?? seeder);
      sources.set(from, (sources.get(from) ?? 0) + 1);
    }
    const wobble = 0.8 + 0.4 * Math.random();
    const uploaded = Math.round((isFirst ? 12 : 400 / (place + 10)) * share * wobble);
    return {
      spanMs,
      latencyMs: Math.round((700 + 45 * Math.log2(place + 2) ** 1.6) * wobble),
      stalls: { count: 0, totalMs: 0 },
      bytes: {
        peers: isFirst ? 0 : Math.round(STRIPES * share),
        seeder: isFirst ? Math.round(STRIPES * share) : 0,
        origin: 0,
        uploaded,
      },
      chunks: { delivered: 20, missed: 0 },
      rejectedBlocks: 0,
      uplink: { budgetBps: 4_000_000, promisedBps: 1_000_000 },
      neighborCount: sources.size,
      neighbors: [...sources].map(([peerId, parentOf]) => ({
        peerId,
        rttMs: 10 + ((place * 37) % 200),
        receivedBytes: Math.round(parentOf * share * wobble),
        sentBytes: 0,
        parentOf,
        childOf: 0,
      })),
    };
  }
}

/** An id like those of real peers, the same for the same place. */
function idOf(place: number): string {
  let state = (place + 1) * 2_654_435_761;
  return Array.from({ length: 16 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return LETTERS[state >>> 27];
  }).join("");
}
