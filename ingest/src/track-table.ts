import { type TrackDescriptor, toHex } from "#protocol";
import { BitrateMeter } from "./bitrate-meter.ts";
import type { PackagedTrack } from "./packager.ts";

/** Stripes of a video track: enough that each of a viewer's eight neighbors carries one. */
const VIDEO_STRIPES = 8;
/** Largest init segment a descriptor may hold; all tracks' together have to fit one message. */
const INIT_BYTES_MAX = 3072;
/** Audio is too thin to be worth spreading: a chunk is one or two blocks. */
const AUDIO_STRIPES = 1;

export type PublishedTrack = {
  /** Its place in the descriptor; never changes while the stream lives. */
  readonly index: number;
  readonly id: string;
  current: PackagedTrack;
  readonly bitrate: BitrateMeter;
  /** By version, oldest first. */
  readonly inits: Map<number, Uint8Array>;
};

/** Which tracks the stream has. Tracks are only ever added: blocks name them by their place. */
export class TrackTable {
  readonly #tracks: PublishedTrack[] = [];
  readonly #initVersionsMax: number;

  constructor(initVersionsMax: number) {
    this.#initVersionsMax = initVersionsMax;
  }

  get all(): readonly PublishedTrack[] {
    return this.#tracks;
  }

  get(kind: PackagedTrack["kind"]): PublishedTrack | undefined {
    return this.#tracks.find(({ current }) => current.kind === kind);
  }

  byId(id: string): PublishedTrack | undefined {
    return this.#tracks.find((track) => track.id === id);
  }

  /**
   * A track the packager found, or new parameters of one.
   * @throws {RangeError} When its init segment is larger than a descriptor may hold.
   */
  set(found: PackagedTrack): void {
    const sizeBytes = found.initSegment.length;
    if (sizeBytes > INIT_BYTES_MAX) {
      throw new RangeError(
        `${found.kind} init segment of ${sizeBytes} bytes, ${INIT_BYTES_MAX} are allowed`,
      );
    }
    const known = this.get(found.kind);
    const track = known ?? this.#add(found);
    track.current = found;
    track.inits.set(found.initVersion, found.initSegment);
    for (const oldest of track.inits.keys()) {
      if (track.inits.size <= this.#initVersionsMax) break;
      track.inits.delete(oldest);
    }
  }

  describe(): TrackDescriptor[] {
    return this.#tracks.map(describe);
  }

  #add(found: PackagedTrack): PublishedTrack {
    const track: PublishedTrack = {
      index: this.#tracks.length,
      id: found.kind === "video" ? "v0" : "a0",
      current: found,
      bitrate: new BitrateMeter(),
      inits: new Map(),
    };
    this.#tracks.push(track);
    return track;
  }
}

function describe({ id, current, bitrate }: PublishedTrack): TrackDescriptor {
  const { kind, codec, initVersion, initSegment, width, height, sampleRateHz, channels } = current;
  return {
    id,
    kind,
    codec,
    stripes: kind === "video" ? VIDEO_STRIPES : AUDIO_STRIPES,
    bitrateBps: bitrate.announcedBps,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(sampleRateHz === undefined ? {} : { sampleRateHz }),
    ...(channels === undefined ? {} : { channels }),
    initVersion,
    init: toHex(initSegment),
  };
}
