import type { PlayerStats } from "../player-stats.ts";
import { setAttribute, setHidden } from "../player-view.ts";
import { type ControlsTexts, fill } from "../texts/player-texts.ts";
import { clock } from "./clock-text.ts";

export type SeekHandlers = {
  /** How far behind live to go on, in ms; 0 is live. */
  onSeek(behindMs: number): void;
};

/** What one press of an arrow key is, in ms; as on the players people know. */
const KEY_STEP_MS = 10_000;
/** Presses that follow each other this closely, in ms, are one way. */
const SETTLE_MS = 350;
/** A place shows where it is wished to be for this long at most, in ms; then where it is. */
const WISH_MS = 6000;
/** As near to live as this, in ms, is live. */
const LIVE_MS = 4000;

type SeekFacts = Pick<PlayerStats, "dvr" | "latencyMs" | "state">;

/** The way through the past of a stream: a slider whose right end is live. */
export class SeekBar {
  readonly #slider: HTMLInputElement;
  readonly #handlers: SeekHandlers;
  #texts: ControlsTexts;
  #windowMs = 0;
  #behindMs = 0;
  #isHeld = false;
  #wish: { behindMs: number; atMs: number } | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(slider: HTMLInputElement, handlers: SeekHandlers, texts: ControlsTexts) {
    this.#slider = slider;
    this.#handlers = handlers;
    this.#texts = texts;
    slider.addEventListener("input", () => {
      this.#isHeld = true;
      this.#show(-Number(slider.value) * 1000);
    });
    slider.addEventListener("change", () => {
      this.#isHeld = false;
      this.#seek(-Number(slider.value) * 1000);
    });
  }

  say(texts: ControlsTexts): void {
    this.#texts = texts;
    setAttribute(this.#slider, "aria-label", texts.seek);
    this.#show(this.#behindMs);
  }

  render({ dvr, latencyMs, state }: SeekFacts): void {
    this.#windowMs = dvr.windowMs ?? 0;
    setHidden(this.#slider, this.#windowMs < LIVE_MS);
    setAttribute(this.#slider, "min", String(-Math.round(this.#windowMs / 1000)));
    if (this.#isHeld) return;
    const isThere = latencyMs !== null && (state === "playing" || state === "paused");
    const isDone =
      performance.now() - (this.#wish?.atMs ?? 0) > (isThere ? SETTLE_MS * 3 : WISH_MS);
    if (isDone) this.#wish = undefined;
    const isBehind = dvr.isPast || state === "paused";
    this.#show(this.#wish?.behindMs ?? (isBehind ? (latencyMs ?? this.#behindMs) : 0));
  }

  /** @returns Whether the key means something here. */
  press(key: string): boolean {
    if (this.#slider.hidden) return false;
    switch (key) {
      case "ArrowLeft":
      case "j":
        return this.#step(KEY_STEP_MS);
      case "ArrowRight":
      case "l":
        return this.#step(-KEY_STEP_MS);
      default:
        return false;
    }
  }

  /** Somebody chose live elsewhere. */
  forget(): void {
    clearTimeout(this.#settling);
    this.#wish = undefined;
  }

  #step(byMs: number): boolean {
    const behindMs = Math.min(Math.max(0, this.#behindMs + byMs), this.#windowMs);
    this.#wish = { behindMs, atMs: performance.now() };
    this.#show(behindMs);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#seek(behindMs), SETTLE_MS);
    return true;
  }

  #seek(behindMs: number): void {
    this.#wish = { behindMs, atMs: performance.now() };
    this.#show(behindMs);
    this.#handlers.onSeek(behindMs);
  }

  #show(behindMs: number): void {
    this.#behindMs = behindMs;
    const slider = this.#slider;
    const value = String(-Math.round(Math.min(behindMs, this.#windowMs) / 1000));
    if (slider.value !== value) slider.value = value;
    const isLive = behindMs < LIVE_MS;
    const words = isLive
      ? this.#texts.live
      : fill(this.#texts.behindLive, { time: clock(behindMs) });
    setAttribute(slider, "aria-valuetext", words);
    setAttribute(slider, "title", words);
    const share = this.#windowMs === 0 ? 1 : 1 - Math.min(1, behindMs / this.#windowMs);
    slider.style.setProperty("--played", `${(100 * share).toFixed(2)}%`);
  }
}
