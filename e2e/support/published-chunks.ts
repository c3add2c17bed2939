import { createHash } from "node:crypto";
import type { RunningStream } from "./livemesh.ts";

const TRACK_NAMES = ["v0", "a0"];
/** How far back to look, in chunks: with 200 ms each more than any viewer is behind. */
const LOOK_BACK = 100;

/** Hashes of what the origin publishes, as plain fMP4, under the address of each chunk. */
export class PublishedChunks {
  readonly #stream: RunningStream;
  readonly #known = new Set<string>();
  readonly #hashes = new Set<string>();

  constructor(stream: RunningStream) {
    this.#stream = stream;
  }

  /** Those of `hashes` that belong to no chunk the origin has published lately. */
  async foreign(hashes: readonly string[]): Promise<string[]> {
    const newest = await this.#newestSequences();
    await Promise.all([...newest].map(([track, sequence]) => this.#learn(track, sequence)));
    return hashes.filter((hash) => !this.#hashes.has(hash));
  }

  async #learn(track: number, newest: number): Promise<void> {
    for (let sequence = newest; sequence > newest - LOOK_BACK; sequence--) {
      const path = `tracks/${TRACK_NAMES[track]}/chunks/${sequence}.m4s`;
      if (this.#known.has(path)) return;
      const response = await this.#get(path);
      // Older than the origin keeps, or from before the stream began.
      if (response.status === 404) return;
      const chunk = new Uint8Array(await response.arrayBuffer());
      this.#hashes.add(createHash("sha256").update(chunk).digest("hex"));
      this.#known.add(path);
    }
  }

  /** By track, from the join response: a bundle of blocks up to the live edge. */
  async #newestSequences(): Promise<Map<number, number>> {
    const response = await this.#get("join");
    const body = Buffer.from(await response.arrayBuffer());
    const newest = new Map<number, number>();
    // Each record behind its length; the first is the descriptor (docs/protocol.md).
    for (let at = 4 + body.readUInt32BE(0); at < body.length; at += 4 + body.readUInt32BE(at)) {
      const block = at + 4;
      const track = body.readUInt8(block);
      newest.set(track, Math.max(newest.get(track) ?? 0, body.readUInt32BE(block + 8)));
    }
    return newest;
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.#stream.baseUrl}/streams/${this.#stream.streamId}/${path}`);
  }
}
