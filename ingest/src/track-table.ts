import { type TrackDescriptor, toHex, WIRE_LIMITS } from "#protocol";
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

  get(of: Pick<PackagedTrack, "kind" | "rendition">): PublishedTrack | undefined {
    return this.byId(idOf(of));
  }

  byId(id: string): PublishedTrack | undefined {
    return this.#tracks.find((track) => track.id === id);
  }

  /**
   * A track the packager found, or new parameters of one.
   * @throws {RangeError} When its init segment is larger than a descriptor may hold, or there are
   * too many tracks.
   */
  set(found: PackagedTrack): void {
    const sizeBytes = found.initSegment.length;
    if (sizeBytes > INIT_BYTES_MAX) {
      throw new RangeError(
        `${found.kind} init segment of ${sizeBytes} bytes, ${INIT_BYTES_MAX} are allowed`,
      );
    }
    const known = this.get(found);
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
    if (this.#tracks.length >= WIRE_LIMITS.tracks) {
      throw new RangeError(`a stream has up to ${WIRE_LIMITS.tracks} tracks`);
    }
    const track: PublishedTrack = {
      index: this.#tracks.length,
      id: idOf(found),
      current: found,
      bitrate: new BitrateMeter(),
      inits: new Map(),
    };
    this.#tracks.push(track);
    return track;
  }
}

function idOf({ kind, rendition = 0 }: Pick<PackagedTrack, "kind" | "rendition">): string {
  return `${kind === "video" ? "v" : "a"}${rendition}`;
}

function describe({ id, current, bitrate }: PublishedTrack): TrackDescriptor {
  const { kind, codec, initVersion, initSegment, width, height, sampleRateHz, channels } = current;
  const { captions } = current;
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
    ...(captions === undefined ? {} : { captions: [...captions] }),
    initVersion,
    init: toHex(initSegment),
  };
}
