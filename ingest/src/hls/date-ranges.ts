import { type EventMessage, SCTE35_SCHEME } from "#media";
import { readSplice } from "../packager/splice-info.ts";

/** Splices that are remembered: an advertisement every three minutes for as long as a DVR window is. */
const RANGES_MAX = 256;
/** A break whose end nobody has said is listed for so long, in ms. */
const OPEN_MS = 60 * 60_000;

type Command = "SCTE35-OUT" | "SCTE35-IN" | "SCTE35-CMD";

type Range = {
  id: string;
  command: Command;
  section: Uint8Array;
  /** Unix ms. */
  startMs: number;
  plannedMs: number | undefined;
  /** Known once the program is back. */
  lastedMs: number | undefined;
};

/**
 * Splices as playlists tell them: EXT-X-DATERANGE (RFC 8216bis, 4.4.5.1). What was told once stays as
 * it is, as players put together what has the same id. ID3 is left to the media: told here too,
 * players would report it twice.
 */
export class DateRanges {
  readonly #ranges: Range[] = [];

  /** @param dateOf Unix ms of a media time. */
  note(event: EventMessage, dateOf: (mediaTimeMs: number) => number): void {
    if (event.scheme !== SCTE35_SCHEME) return;
    const splice = readSplice(event.data);
    if (splice === undefined) return;
    const at = dateOf((event.timeTicks * 1000) / event.timescale);
    const { durationTicks } = splice;
    const base = { section: event.data, startMs: at, lastedMs: undefined };
    const plannedMs = durationTicks === undefined ? undefined : durationTicks / 90;
    if (splice.breakId === undefined) {
      // Sent again, a section has the same checksum.
      const id = `signal-${hex(event.data.subarray(-4))}`;
      this.#add({ ...base, id, command: "SCTE35-CMD", plannedMs });
      return;
    }
    const id = `splice-${splice.breakId}`;
    if (splice.isOut) return this.#add({ ...base, id, command: "SCTE35-OUT", plannedMs });
    const out = this.#ranges.find((known) => known.id === id && known.command === "SCTE35-OUT");
    const began = out?.startMs ?? at;
    const lastedMs = out && Math.max(0, at - began);
    this.#add({
      ...base,
      id,
      command: "SCTE35-IN",
      startMs: began,
      plannedMs: undefined,
      lastedMs,
    });
  }

  /** Of what is not over before a date, in Unix ms; oldest first. */
  tags(fromMs: number): string[] {
    return this.#ranges.filter((range) => this.#endMs(range) >= fromMs).map(tag);
  }

  /** Encoders say the same several times, lest it be lost. */
  #add(range: Range): void {
    const { id, command } = range;
    if (this.#ranges.some((known) => known.id === id && known.command === command)) return;
    this.#ranges.push(range);
    if (this.#ranges.length > RANGES_MAX) this.#ranges.shift();
  }

  #endMs({ id, command, startMs, plannedMs, lastedMs }: Range): number {
    const back = this.#ranges.find((known) => known.id === id && known.command === "SCTE35-IN");
    const openMs = command === "SCTE35-OUT" ? OPEN_MS : 0;
    return startMs + (back?.lastedMs ?? lastedMs ?? plannedMs ?? openMs);
  }
}

function tag({ id, command, section, startMs, plannedMs, lastedMs }: Range): string {
  const attributes = [
    `ID="${id}"`,
    `START-DATE="${new Date(startMs).toISOString()}"`,
    ...(plannedMs === undefined ? [] : [`PLANNED-DURATION=${seconds(plannedMs)}`]),
    ...(lastedMs === undefined ? [] : [`DURATION=${seconds(lastedMs)}`]),
    `${command}=0x${hex(section)}`,
  ];
  return `#EXT-X-DATERANGE:${attributes.join(",")}`;
}

function seconds(ms: number): string {
  return String(Math.round(ms) / 1000);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}
