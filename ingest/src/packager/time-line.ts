import type { Kind } from "./stream-types.ts";

/** Clock of MPEG-TS time stamps, per second. */
export const TICKS_PER_SEC = 90_000;
const WRAP = 2 ** 33;
/** Time stamps that jump by more than this begin a new epoch. */
const JUMP_FORWARD_TICKS = 5 * TICKS_PER_SEC;
const JUMP_BACK_TICKS = 1 * TICKS_PER_SEC;
/** Audio and video further apart than this do not belong together. */
const APART_TICKS = 5 * TICKS_PER_SEC;
/** How much of one track is held at the start of an epoch while the other has not come yet. */
const HOLD_TICKS = 1 * TICKS_PER_SEC;
/** How long audio waits for the first key frame before it goes on alone: the longest usual GOP. */
const KEY_WAIT_TICKS = 10 * TICKS_PER_SEC;
/** What may be held whatever the time stamps say: they may stand still. */
const MAX_HELD_FRAMES = 1000;
const MAX_HELD_BYTES = 16 * 1024 * 1024;

export type Timed = {
  kind: Kind;
  dts: number;
  pts: number;
  nextDts: number | undefined;
  /** Decoding can begin here: a key frame, and any audio. */
  isEntry: boolean;
  sizeBytes: number;
};

export type TimeLineOptions<T extends Timed> = {
  onFrame: (frame: T) => void;
  /** A discontinuity is here, before its first frame. */
  onEpoch: () => void;
  /** Time stamps jumped: a new epoch begins. */
  onJump: (kind: Kind) => void;
  /** Left out, because its time stamps have nothing to do with the other track's. */
  onApart: (kind: Kind) => void;
};

/**
 * The stream's own time line: from 0, never backwards, contiguous across encoder restarts, loops,
 * jumps and the 33-bit wrap. An epoch is a stretch of input whose time stamps belong together;
 * each new one continues where the last ended, with audio and video as far apart as they came.
 * An epoch with video begins at a key frame: audio from before it would leave video with a hole,
 * and players stop at holes.
 */
export class TimeLine<T extends Timed> {
  readonly #options: TimeLineOptions<T>;
  #expected: readonly Kind[] = [];
  /** Output minus input time of this epoch; undefined until its first frames tell. */
  #offset: number | undefined;
  #held: T[] = [];
  #heldBytes = 0;
  #reference: number | undefined;
  #firstDts: number | undefined;
  #last: Partial<Record<Kind, number>> = {};
  /** Where each track ended on the output time line. */
  readonly #ends: Partial<Record<Kind, number>> = {};
  #hasStarted = false;

  constructor(options: TimeLineOptions<T>) {
    this.#options = options;
  }

  /** Which kinds will come, so that an epoch waits for all of them. */
  expect(kinds: readonly Kind[]): void {
    this.#expected = kinds;
  }

  push(frame: T): void {
    const dts = this.#unwrap(frame.dts);
    const pts = dts + signed(frame.pts - frame.dts);
    const nextDts =
      frame.nextDts === undefined ? undefined : dts + signed(frame.nextDts - frame.dts);
    const last = this.#last[frame.kind];
    const other = frame.kind === "video" ? this.#last.audio : this.#last.video;
    const step = dts - (last ?? dts);
    // Sound that was away for long, and is where the picture is, has not jumped.
    const isBack =
      frame.kind === "audio" && Math.abs(dts - (other ?? Number.POSITIVE_INFINITY)) <= APART_TICKS;
    if ((step > JUMP_FORWARD_TICKS && !isBack) || step < -JUMP_BACK_TICKS) {
      this.#options.onJump(frame.kind);
      this.newEpoch();
      this.push(frame);
      return;
    }
    if (last === undefined && other !== undefined && Math.abs(dts - other) > APART_TICKS) {
      this.#options.onApart(frame.kind);
      return;
    }
    if (frame.kind === "video" && last !== undefined && step <= 0) return;
    this.#last[frame.kind] = dts;
    this.#firstDts ??= dts;
    const placed = { ...frame, dts, pts, nextDts };
    if (this.#offset === undefined) this.#hold(placed);
    else this.#emit(placed);
  }

  /** What comes next has time stamps of its own. */
  newEpoch(): void {
    this.#settle();
    this.#offset = undefined;
    this.#reference = undefined;
    this.#firstDts = undefined;
    this.#last = {};
  }

  /** Let go what is held: nothing more will come. */
  flush(): void {
    this.#settle();
  }

  /** The consumer says how far a track reaches now, in output ticks. */
  reached(kind: Kind, endTicks: number): void {
    this.#ends[kind] = Math.max(endTicks, this.#ends[kind] ?? 0);
  }

  /** Where a time of this epoch lies on the output time line; undefined before the epoch has a place. */
  placeOf(ticks: number): number | undefined {
    if (this.#offset === undefined || this.#reference === undefined) return undefined;
    return Math.max(0, this.#reference + signed(ticks - this.#reference) + this.#offset);
  }

  /** How far the tracks reach now, in output ticks. */
  get endTicks(): number {
    return Math.max(0, ...Object.values(this.#ends));
  }

  #hold(frame: T): void {
    const isFirstVideo = frame.kind === "video" && !this.#holds("video");
    if (!isFirstVideo || frame.isEntry) {
      this.#held.push(frame);
      this.#heldBytes += frame.sizeBytes;
    }
    if (isFirstVideo && frame.isEntry) this.#dropAudioBefore(frame.dts);
    if (this.#isHeldEnough(frame)) this.#settle();
  }

  #isHeldEnough(frame: T): boolean {
    if (this.#held.length >= MAX_HELD_FRAMES || this.#heldBytes >= MAX_HELD_BYTES) return true;
    if (this.#expected.every((kind) => this.#holds(kind))) return true;
    const isWaitingForKey = !this.#holds("video") && this.#last.video !== undefined;
    if (!isWaitingForKey) return frame.dts - (this.#held[0]?.dts ?? frame.dts) > HOLD_TICKS;
    if (frame.dts - (this.#firstDts ?? frame.dts) > KEY_WAIT_TICKS) return true;
    this.#dropAudioBefore(frame.dts - HOLD_TICKS);
    return false;
  }

  #holds(kind: Kind): boolean {
    return this.#held.some((held) => held.kind === kind);
  }

  /** All but the last unit from before: it may reach beyond, as a unit has several audio frames. */
  #dropAudioBefore(dts: number): void {
    const isOld = ({ kind, pts }: T) => kind === "audio" && pts <= dts;
    const firstKept = this.#held.findLastIndex(isOld);
    this.#held = this.#held.filter((held, index) => index >= firstKept || !isOld(held));
    this.#heldBytes = this.#held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  #settle(): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#offset === undefined) {
      this.#offset = this.#offsetFor(held);
      if (this.#hasStarted) this.#options.onEpoch();
      this.#hasStarted = true;
    }
    for (const frame of held) this.#emit(frame);
  }

  /** The least shift by which no track overlaps what it had: exact where both are equally long. */
  #offsetFor(held: readonly T[]): number {
    const firsts = (["video", "audio"] as const).flatMap((kind) => {
      const first = held.find((frame) => frame.kind === kind);
      return first === undefined ? [] : [{ kind, dts: first.dts }];
    });
    const shifts = firsts.flatMap(({ kind, dts }) => {
      const end = this.#ends[kind];
      return end === undefined ? [] : [end - dts];
    });
    // Whole ticks: audio at 44.1 kHz ends between two of them.
    if (shifts.length > 0) return Math.ceil(Math.max(...shifts));
    const end = Math.ceil(Math.max(0, ...Object.values(this.#ends)));
    return end - Math.min(...firsts.map(({ dts }) => dts));
  }

  #emit(frame: T): void {
    const offset = this.#offset ?? 0;
    this.#options.onFrame({
      ...frame,
      dts: frame.dts + offset,
      pts: frame.pts + offset,
      nextDts: frame.nextDts === undefined ? undefined : frame.nextDts + offset,
    });
  }

  #unwrap(ticks: number): number {
    const reference = this.#reference ?? ticks;
    this.#reference = reference + signed(ticks - reference);
    return this.#reference;
  }
}

/** Difference of two 33-bit times, as the shorter way round. */
function signed(difference: number): number {
  const wrapped = ((difference % WRAP) + WRAP) % WRAP;
  return wrapped >= WRAP / 2 ? wrapped - WRAP : wrapped;
}
