import type { MediaPacket } from "../container/media-packet.ts";
import type { Packager, PackagerEvent } from "../packager.ts";
import { TsPackager } from "./ts-packager.ts";

/** One format of bytes, and what makes chunks of it. */
export type PackagerKind = {
  /** For people: `MPEG-TS`. */
  format: string;
  /** Whether bytes that begin like this are of the format. @param head At least {@link HEAD_BYTES}, unless no more came. */
  accepts(head: Uint8Array): boolean;
  /** @param options Wanted length of a chunk, in ms. */
  create(options: { chunkMs: number }): Packager;
};

/** So many bytes of an input are waited for before it is told what they are. */
export const HEAD_BYTES = 16;

/** What bytes may be. MP4 and Matroska are no bytes any more here: they were read into packets. */
export class PackagerRegistry {
  readonly #kinds: PackagerKind[] = [];
  readonly #otherwise: PackagerKind;

  /** @param otherwise Takes what no other kind does. */
  constructor(otherwise: PackagerKind) {
    this.#otherwise = otherwise;
  }

  get formats(): string[] {
    return [...this.#kinds, this.#otherwise].map(({ format }) => format);
  }

  /** Asked before those that are there already. @throws {TypeError} When the format is there already. */
  register(kind: PackagerKind): void {
    if (this.formats.includes(kind.format)) throw new TypeError(`${kind.format} is there already`);
    this.#kinds.unshift(kind);
  }

  /** Undefined as head: for packets. */
  kindOf(head: Uint8Array | undefined): PackagerKind {
    const accepts = (kind: PackagerKind) => head !== undefined && kind.accepts(head);
    return this.#kinds.find(accepts) ?? this.#otherwise;
  }

  /** Finds out with the first bytes what it is to be; for the life of a stream, so that its tracks go on. */
  create(options: { chunkMs: number }): Packager {
    return new ChosenPackager((head) => this.kindOf(head), options);
  }
}

/** The packager that the first bytes asked for. */
class ChosenPackager implements Packager {
  readonly #choose: (head: Uint8Array | undefined) => PackagerKind;
  #options: { chunkMs: number };
  #chosen: { kind: PackagerKind; packager: Packager } | undefined;
  #held: { bytes: Uint8Array; wallClockMs: number }[] = [];

  constructor(
    choose: (head: Uint8Array | undefined) => PackagerKind,
    options: { chunkMs: number },
  ) {
    this.#choose = choose;
    this.#options = options;
  }

  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[] {
    if (this.#chosen !== undefined) return this.#chosen.packager.push(bytes, wallClockMs);
    this.#held.push({ bytes, wallClockMs });
    const heldBytes = this.#held.reduce((sum, held) => sum + held.bytes.length, 0);
    return heldBytes < HEAD_BYTES ? [] : this.#begin();
  }

  pushPacket(packet: MediaPacket, wallClockMs: number): PackagerEvent[] {
    const { kind, packager } = this.#chosen ?? this.#take(this.#choose(undefined));
    if (packager.pushPacket !== undefined) return packager.pushPacket(packet, wallClockMs);
    const message = `this stream began as ${kind.format}; a file in a container cannot continue it`;
    return [{ type: "warning", message }];
  }

  /** Packagers that cannot change keep the length they began with. */
  setChunkMs(chunkMs: number): void {
    this.#chosen?.packager.setChunkMs?.(chunkMs);
    this.#options = { chunkMs };
  }

  discontinuity(): PackagerEvent[] {
    return [...this.#begin(), ...(this.#chosen?.packager.discontinuity() ?? [])];
  }

  flush(): PackagerEvent[] {
    return [...this.#begin(), ...(this.#chosen?.packager.flush() ?? [])];
  }

  hold(durationMs: number, wallClockMs: number): PackagerEvent[] {
    return this.#chosen?.packager.hold?.(durationMs, wallClockMs) ?? [];
  }

  /** What was held decides, and goes out. */
  #begin(): PackagerEvent[] {
    const held = this.#held;
    if (held.length === 0) return [];
    this.#held = [];
    const head = Buffer.concat(held.map(({ bytes }) => bytes));
    const { packager } = this.#take(this.#choose(head));
    return held.flatMap(({ bytes, wallClockMs }) => packager.push(bytes, wallClockMs));
  }

  #take(kind: PackagerKind) {
    this.#chosen = { kind, packager: kind.create(this.#options) };
    return this.#chosen;
  }
}

/**
 * What `livemesh` makes chunks of. A module that registers a kind of its own here before the command
 * line is read adds it to every input that brings bytes.
 */
export const packagers = new PackagerRegistry({
  format: "MPEG-TS",
  accepts: () => true,
  create: (options) => new TsPackager(options),
});
