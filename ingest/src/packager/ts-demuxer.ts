import { PesAssembler, type PesUnit } from "./pes.ts";
import { type ElementaryStream, readProgramMap, readProgramMapPid, SectionReader } from "./psi.ts";
import {
  CARRIED_CODECS,
  type Carried,
  carriedBy,
  describeStreamType,
  type EventKind,
  eventsOf,
  type Kind,
} from "./stream-types.ts";
import { type TsPacket, TsPacketizer } from "./ts-packets.ts";
import type { Warnings } from "./warnings.ts";

/** Something that happens at a time. */
export type DemuxedEvent =
  | { kind: "id3"; data: Uint8Array; ptsTicks: number }
  | { kind: "scte35"; section: Uint8Array };

type EventStream =
  | { kind: "id3"; assembler: PesAssembler }
  | { kind: "scte35"; sections: SectionReader };

/** Streams of events that are read; a program has one or two. */
const EVENT_STREAMS_MAX = 8;

type Selected = { pid: number; carried: Carried; assembler: PesAssembler };

/** Transport stream in, units of the chosen video and audio out. */
export class TsDemuxer {
  readonly #packetizer = new TsPacketizer();
  readonly #warnings: Warnings;
  readonly #videoPlace: number;
  readonly #onUnit: (carried: Carried, unit: PesUnit) => void;
  readonly #onTracks: (kinds: readonly Kind[]) => void;
  readonly #onEvent: (event: DemuxedEvent) => void;
  #eventStreams = new Map<number, EventStream>();
  #programs = new SectionReader();
  #program = new SectionReader();
  #programMapPid: number | undefined;
  #selected: Partial<Record<Kind, Selected>> = {};
  #programSummary = "";

  /**
   * @param onTracks Which kinds the program map says there are, whenever it changes.
   * @param onEvent What happens at a time, as it comes.
   * @param videoPlace Which of several videos is taken, from 0.
   */
  constructor(
    warnings: Warnings,
    onUnit: (carried: Carried, unit: PesUnit) => void,
    onTracks: (kinds: readonly Kind[]) => void,
    onEvent: (event: DemuxedEvent) => void,
    videoPlace = 0,
  ) {
    this.#onEvent = onEvent;
    this.#videoPlace = videoPlace;
    this.#warnings = warnings;
    this.#onUnit = onUnit;
    this.#onTracks = onTracks;
  }

  /** Whether packets were found since the last reset. */
  hasPackets = false;

  get skippedBytes(): number {
    return this.#packetizer.skippedBytes;
  }

  push(bytes: Uint8Array, nowMs: number): void {
    this.#packetizer.push(
      bytes,
      (packet) => this.#route(packet, nowMs),
      (skippedBytes) => {
        if (!this.hasPackets) return;
        this.#warnings.add(
          "lost-sync",
          `${skippedBytes} bytes that are no MPEG-TS were skipped in the stream`,
        );
      },
    );
    this.#reportLosses();
  }

  /** The input ended; a unit that ended inside a packet is taken for damaged. */
  flush(): void {
    const isCutOff = this.#packetizer.isInsidePacket;
    for (const kind of ["video", "audio"] as const) {
      const selected = this.#selected[kind];
      selected?.assembler.flush((unit) => {
        this.#onUnit(selected.carried, isCutOff ? { ...unit, isDamaged: true } : unit);
      });
    }
  }

  /** The next bytes come from another encoder, or the same one anew. */
  reset(): void {
    this.#packetizer.reset();
    this.#programs = new SectionReader();
    this.#program = new SectionReader();
    this.#programMapPid = undefined;
    this.#selected = {};
    this.#eventStreams.clear();
    this.#programSummary = "";
    this.hasPackets = false;
  }

  #route(packet: TsPacket, nowMs: number): void {
    this.hasPackets = true;
    const { video, audio } = this.#selected;
    if (packet.pid === video?.pid || packet.pid === audio?.pid) {
      if (packet.isScrambled) {
        this.#warnings.add("scrambled", "the stream is scrambled: send it without encryption");
        return;
      }
      const selected = packet.pid === video?.pid ? video : audio;
      selected?.assembler.push(packet, nowMs, (unit) => this.#onUnit(selected.carried, unit));
    } else if (packet.pid === 0) {
      const section = this.#programs.push(packet);
      const pid = section && readProgramMapPid(section);
      if (pid === undefined || pid === this.#programMapPid) return;
      this.#programMapPid = pid;
      this.#program = new SectionReader();
    } else if (packet.pid === this.#programMapPid) {
      const section = this.#program.push(packet);
      const streams = section && readProgramMap(section);
      if (streams !== undefined) this.#select(streams);
    } else {
      const stream = this.#eventStreams.get(packet.pid);
      if (stream !== undefined) this.#routeEvent(stream, packet, nowMs);
    }
  }

  #routeEvent(stream: EventStream, packet: TsPacket, nowMs: number): void {
    if (stream.kind === "scte35") {
      const section = stream.sections.push(packet);
      if (section !== undefined) this.#onEvent({ kind: "scte35", section });
      return;
    }
    stream.assembler.push(packet, nowMs, ({ data, pts, isDamaged }) => {
      if (!isDamaged) this.#onEvent({ kind: "id3", data, ptsTicks: pts });
    });
  }

  /** Take one video and the first audio stream we carry, and name what is left out. */
  #select(streams: readonly ElementaryStream[]): void {
    const summary = streams.map(({ pid, streamType }) => `${pid}:${streamType}`).join();
    if (summary === this.#programSummary) return;
    this.#programSummary = summary;
    this.#choose("video", streams);
    this.#choose("audio", streams);
    this.#chooseEvents(streams);
    const kinds = (["video", "audio"] as const).filter((kind) => this.#selected[kind]);
    const unsupported = streams
      .filter((stream) => carriedBy(stream) === undefined && eventsOf(stream) === undefined)
      .map(({ streamType }) => describeStreamType(streamType));
    if (unsupported.length > 0) {
      const rest =
        kinds.length === 0 ? "nothing is left to play" : `playing ${kinds.join(" and ")} only`;
      this.#warnings.add(
        "unsupported-codec",
        `the stream has ${unsupported.join(", ")}; supported are ${CARRIED_CODECS}: ${rest}`,
      );
    }
    this.#onTracks(kinds);
  }

  #chooseEvents(streams: readonly ElementaryStream[]): void {
    const found = streams.flatMap((stream): [number, EventStream][] => {
      const kind = eventsOf(stream);
      return kind === undefined ? [] : [[stream.pid, newEventStream(kind)]];
    });
    this.#eventStreams = new Map(found.slice(0, EVENT_STREAMS_MAX));
  }

  #choose(kind: Kind, streams: readonly ElementaryStream[]): void {
    const place = kind === "video" ? this.#videoPlace : 0;
    const found = streams.filter((stream) => carriedBy(stream)?.kind === kind)[place];
    const carried = found && carriedBy(found);
    const current = this.#selected[kind];
    if (found?.pid === current?.pid && carried?.codec === current?.carried.codec) return;
    current?.assembler.flush((unit) => this.#onUnit(current.carried, unit));
    if (found === undefined || carried === undefined) delete this.#selected[kind];
    else this.#selected[kind] = { pid: found.pid, carried, assembler: new PesAssembler() };
  }

  #reportLosses(): void {
    for (const [kind, selected] of Object.entries(this.#selected)) {
      const { assembler } = selected;
      if (assembler.lostPackets > 0) {
        this.#warnings.add("lost-packets", `${assembler.lostPackets} ${kind} packets are missing`);
      }
      if (assembler.oversizedUnits > 0) {
        this.#warnings.add("oversized", `a ${kind} picture or frame never ended and was dropped`);
      }
      assembler.lostPackets = 0;
      assembler.oversizedUnits = 0;
    }
  }
}

function newEventStream(kind: EventKind): EventStream {
  return kind === "id3"
    ? { kind, assembler: new PesAssembler() }
    : { kind, sections: new SectionReader({ keepsChecksum: true }) };
}
