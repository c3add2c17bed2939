/// <reference path="./mux-js-captions.d.ts" />
import { type CaptionEvent, CaptionStream } from "mux.js/lib/m2ts/caption-stream";
import { type CaptionUnit, captionUnits } from "./caption-nals.ts";
import type { CaptionedCodec } from "./captioned-codec.ts";

/** Units that wait for their turn: one second of pictures out of order, at 60 a second. */
const WAITING_MAX = 60;
/** Clock of the parser. */
const TICKS_PER_SEC = 90_000;

/** One caption as it stands on screen; times in seconds of the media element. */
export type Caption = {
  /** `CC1` … `CC4`, `SERVICE1` … */
  channel: string;
  startSec: number;
  endSec: number;
  text: string;
};

/**
 * Captions of chunks as they come (CEA-608 and 708, parsed by mux.js). What stands on screen is told
 * with each chunk as far as it is known to stand: a live caption cannot wait for its end.
 */
export class CaptionFeed {
  readonly #onCaption: (caption: Caption) => void;
  #stream: CaptionStream;
  #waiting: CaptionUnit[] = [];

  constructor(onCaption: (caption: Caption) => void) {
    this.#onCaption = onCaption;
    this.#stream = this.#newStream();
  }

  /** In decode order. @throws {MediaError} When the chunk cannot be read. */
  push(chunk: Uint8Array, timescale: number, codec: CaptionedCodec): void {
    const { units, untilTicks } = captionUnits(chunk, codec);
    this.#waiting.push(...units);
    this.#waiting.sort((a, b) => a.ptsTicks - b.ptsTicks);
    const isDue = ({ ptsTicks }: CaptionUnit, place: number) =>
      ptsTicks < untilTicks || this.#waiting.length - place > WAITING_MAX;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.slice(due.length);
    const scale = TICKS_PER_SEC / timescale;
    for (const { ptsTicks, payload } of due) {
      const pts = ptsTicks * scale;
      const sei = { nalUnitType: "sei_rbsp", escapedRBSP: payload, pts, dts: pts };
      this.#stream.push(sei);
      this.#stream.flush();
    }
    this.#tellShown(untilTicks * scale);
  }

  /** What comes next has nothing to do with what came. */
  clear(): void {
    this.#waiting = [];
    this.#stream = this.#newStream();
  }

  #tellShown(pts: number): void {
    for (const channel of this.#stream.ccStreams_) channel.flushDisplayed(pts);
    const { cc708Stream_: services } = this.#stream;
    for (const service of Object.values(services.services)) services.flushDisplayed(pts, service);
  }

  #newStream(): CaptionStream {
    const stream = new CaptionStream({ parse708captions: true });
    stream.on("data", (event) => {
      const text = textOf(event);
      if (text === "" || event.endPts <= event.startPts) return;
      this.#onCaption({
        channel: event.stream.replace("cc708_", "SERVICE"),
        startSec: event.startPts / TICKS_PER_SEC,
        endSec: event.endPts / TICKS_PER_SEC,
        text,
      });
    });
    return stream;
  }
}

/** Italics and the like are left out: what is signed by a publisher still is no markup of ours. */
function textOf({ text, content = [] }: CaptionEvent): string {
  const lines = text ?? content.map((row) => row.text).join("\n");
  return lines.replace(/<\/?[iub]>/g, "").trim();
}
