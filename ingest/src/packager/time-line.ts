import type { Kind } from "./ts-demuxer.ts";

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

export type Timed = { kind: Kind; dts: number; pts: number; nextDts: number | undefined };

/**
 * The stream's own time line: from 0, never backwards, contiguous across encoder restarts, loops,
 * jumps and the 33-bit wrap. An epoch is a stretch of input whose time stamps belong together;
 * each new one continues where the last ended, with audio and video as far apart as they came.
 */
export class TimeLine<T extends Timed> {
  readonly #onFrame: (frame: T) => void;
  readonly #onEpoch: () => void;
  readonly #onJump: (kind: Kind) => void;
  #expected: readonly Kind[] = [];
  /** Output minus input time of this epoch; undefined until its first frames tell. */
  #offset: number | undefined;
  #held: T[] = [];
  #reference: number | undefined;
  #last: Partial<Record<Kind, number>> = {};
  /** Where each track ended on the output time line. */
  readonly #ends: Partial<Record<Kind, number>> = {};
  #hasStarted = false;

  /** @param onEpoch A discontinuity is here, before its first frame. @param onJump For a warning. */
  constructor(onFrame: (frame: T) => void, onEpoch: () => void, onJump: (kind: Kind) => void) {
    this.#onFrame = onFrame;
    this.#onEpoch = onEpoch;
    this.#onJump = onJump;
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
    const step = dts - (last ?? dts);
    if (step > JUMP_FORWARD_TICKS || step < -JUMP_BACK_TICKS) {
      this.#onJump(frame.kind);
      this.newEpoch();
      this.push(frame);
      return;
    }
    const other = frame.kind === "video" ? this.#last.audio : this.#last.video;
    if (last === undefined && other !== undefined && Math.abs(dts - other) > APART_TICKS) return;
    if (frame.kind === "video" && last !== undefined && step <= 0) return;
    this.#last[frame.kind] = dts;
    this.#hold({ ...frame, dts, pts, nextDts });
  }

  /** What comes next has time stamps of its own. */
  newEpoch(): void {
    this.#settle();
    this.#offset = undefined;
    this.#reference = undefined;
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

  #hold(frame: T): void {
    if (this.#offset !== undefined) {
      this.#emit(frame);
      return;
    }
    this.#held.push(frame);
    const hasAll = this.#expected.every((kind) => this.#held.some((held) => held.kind === kind));
    const span = frame.dts - (this.#held[0]?.dts ?? frame.dts);
    if (hasAll || span > HOLD_TICKS) this.#settle();
  }

  #settle(): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    if (this.#offset === undefined) {
      this.#offset = this.#offsetFor(held);
      if (this.#hasStarted) this.#onEpoch();
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
    if (shifts.length > 0) return Math.max(...shifts);
    const end = Math.max(0, ...Object.values(this.#ends));
    return end - Math.min(...firsts.map(({ dts }) => dts));
  }

  #emit(frame: T): void {
    const offset = this.#offset ?? 0;
    this.#onFrame({
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
