/** A track that brings nothing while another goes on for this long, in ms, is absent. Repair of a
 * lost chunk takes less than one second. */
const ABSENT_AFTER_MS = 3000;
/** The same for a track that never brought anything: the join response has all that are there. */
const NEVER_CAME_AFTER_MS = 1500;
/** Between two chunks of a flowing track no more than this, in ms, counts: what is beyond it is the
 * encoder's absence, or ours, and says nothing about the other track. */
const FLOW_GAP_MS = 500;
/** Media that an absent track has to bring before it counts again, in ms; twice as much after each
 * absence, for coming and going interrupts the picture every time. */
const RETURN_MS = 1000;
const RETURN_MAX_MS = 16_000;
/** Another track alone for this long, in ms, and the return has to begin anew: it was a stray. */
const RETURN_BROKEN_MS = 1000;

type Track = {
  hasCome: boolean;
  isAbsent: boolean;
  /** How long others flowed since its last chunk, in ms. */
  aloneMs: number;
  /** Media brought since it became absent, in ms. */
  returnedMs: number;
  returnMs: number;
  newestAtMs: number | undefined;
};

/**
 * Which tracks bring media. An encoder may come back without sound, or lose it: the track stays in
 * the descriptor, and MediaSource plays nothing while one of its source buffers stays empty.
 */
export class TrackPresence {
  readonly #tracks = new Map<string, Track>();
  #absent: ReadonlySet<string> = new Set();

  /** The tracks that should come, by id. What is known of them stays. */
  expect(ids: readonly string[]): void {
    for (const id of ids) if (!this.#tracks.has(id)) this.#tracks.set(id, newTrack());
    if (this.#tracks.size === ids.length) return;
    for (const id of this.#tracks.keys()) if (!ids.includes(id)) this.#tracks.delete(id);
    this.#changed();
  }

  /** A chunk has come; one of a track that is not expected is ignored. */
  note(id: string, durationMs: number, nowMs: number): void {
    const track = this.#tracks.get(id);
    if (track === undefined) return;
    const flowedMs = Math.min(nowMs - (track.newestAtMs ?? nowMs), FLOW_GAP_MS);
    track.newestAtMs = nowMs;
    track.hasCome = true;
    track.aloneMs = 0;
    if (track.isAbsent) this.#return(track, durationMs);
    for (const other of this.#tracks.values()) if (other !== track) this.#miss(other, flowedMs);
  }

  /** Ids of the tracks not to wait for; never all of them. The same set until it changes. */
  get absent(): ReadonlySet<string> {
    return this.#absent;
  }

  #return(track: Track, durationMs: number): void {
    track.returnedMs += durationMs;
    if (track.returnedMs < track.returnMs) return;
    track.isAbsent = false;
    track.returnMs = Math.min(2 * track.returnMs, RETURN_MAX_MS);
    this.#changed();
  }

  #miss(track: Track, flowedMs: number): void {
    track.aloneMs += flowedMs;
    if (track.aloneMs >= RETURN_BROKEN_MS) track.returnedMs = 0;
    const patienceMs = track.hasCome ? ABSENT_AFTER_MS : NEVER_CAME_AFTER_MS;
    if (track.isAbsent || track.aloneMs < patienceMs) return;
    // Something has to be played: whoever flows now.
    for (const other of this.#tracks.values()) other.isAbsent = false;
    track.isAbsent = true;
    track.returnedMs = 0;
    this.#changed();
  }

  #changed(): void {
    const ids = [...this.#tracks].flatMap(([id, { isAbsent }]) => (isAbsent ? [id] : []));
    this.#absent = new Set(ids);
  }
}

function newTrack(): Track {
  return {
    hasCome: false,
    isAbsent: false,
    aloneMs: 0,
    returnedMs: 0,
    returnMs: RETURN_MS,
    newestAtMs: undefined,
  };
}
