import { type StreamDescriptor, startVideo, tracksWith } from "#protocol";
import type { TrackChoice } from "#transport";
import { usableTracks } from "../sink/codec-support.ts";
import { type Rendition, renditionList } from "./rendition-list.ts";
import type { RenditionRule, RenditionSample } from "./rendition-rule.ts";

/** The wish that leaves the choice to the player. */
export const AUTO = "auto";

/** A change that has not come about after this, in ms, is given up: nobody has the rendition. A key frame
 * comes every few seconds. */
const CHANGE_WITHIN_MS = 15_000;

export type RenditionHandlers = {
  /** Other tracks are to be taken from the mesh. */
  onTracks(): void;
  /** Go on with this rendition as soon as it can be done unseen; undefined: with the one there is. */
  onChange(id: string | undefined): void;
};

/** What somebody wishes to watch, what is watched, and what comes next; and so what the mesh has to bring. */
export class RenditionControl implements TrackChoice {
  readonly #handlers: RenditionHandlers;
  #makeRule: (() => RenditionRule) | undefined;
  #rule: RenditionRule | undefined;
  #isLoading = false;
  #wish: string;
  #list: readonly Rendition[] = [];
  #current: string | undefined;
  #next: { id: string; sinceMs: number } | undefined;

  /** @param wish Id of a rendition, or {@link AUTO}. What the stream does not have counts as that.
   * @param makeRule Default: loaded once there is something to choose from. */
  constructor(wish: string, handlers: RenditionHandlers, makeRule?: () => RenditionRule) {
    this.#wish = wish;
    this.#handlers = handlers;
    this.#makeRule = makeRule;
    this.#rule = makeRule?.();
  }

  /** Best first; empty before the stream is known. */
  get list(): readonly Rendition[] {
    return this.#list;
  }

  /** The one that is played, or will be at the start. */
  get current(): string | undefined {
    return this.#current;
  }

  get wish(): string {
    return this.#wish;
  }

  get joinVideo(): string | undefined {
    const wish = this.#wish === AUTO ? undefined : this.#wish;
    const id = this.#next?.id ?? this.#current ?? wish;
    return id !== undefined && isSound(id) ? "none" : id;
  }

  tracks(descriptor: StreamDescriptor): number[] {
    this.#describe(descriptor);
    const ids = [this.#current, this.#next?.id];
    return [...new Set(ids.flatMap((id) => tracksWith(descriptor, id)))].sort((a, b) => a - b);
  }

  /** @param nowMs Monotonic. */
  choose(wish: string, nowMs: number): void {
    if (wish === this.#wish) return;
    this.#wish = wish;
    // What went wrong while somebody insisted on it says nothing now.
    this.#rule = this.#makeRule?.();
    if (this.#has(wish)) this.#changeTo(wish, nowMs);
  }

  /** About once a second. */
  look(sample: RenditionSample): void {
    if (this.#next !== undefined && sample.nowMs - this.#next.sinceMs > CHANGE_WITHIN_MS) {
      this.#stay();
    }
    if (this.#has(this.#wish)) {
      if (this.#next === undefined) this.#changeTo(this.#wish, sample.nowMs);
      return;
    }
    if (this.#current === undefined || this.#leaveSound(sample.nowMs)) return;
    const pictures = this.#list.filter(({ kind }) => kind === "video");
    if (this.#rule === undefined) {
      if (pictures.length > 1 && !this.#isLoading) void this.#loadRule();
      return;
    }
    const decision = this.#rule.decide(sample, pictures, this.#current, this.#next?.id);
    switch (decision.type) {
      case "stay":
        return;
      case "abort":
        return this.#stay();
      case "change":
        return this.#changeTo(decision.id, sample.nowMs);
    }
  }

  /** There is another descriptor, and the sink knows of it. A stream that begins may name its sound first. */
  described(nowMs: number): void {
    if (!this.#has(this.#wish)) this.#leaveSound(nowMs);
  }

  /** The sink plays this one from now on. */
  changed(id: string): void {
    this.#current = id;
    if (this.#next?.id === id) this.#next = undefined;
    this.#handlers.onTracks();
  }

  async #loadRule(): Promise<void> {
    this.#isLoading = true;
    try {
      const { RenditionRule } = await import("./rendition-rule.ts");
      this.#makeRule = () => new RenditionRule();
      this.#rule = this.#makeRule();
    } catch {
      // It plays what it plays; the next look tries again.
    }
    this.#isLoading = false;
  }

  #describe(descriptor: StreamDescriptor): void {
    const usable = { tracks: usableTracks(descriptor) };
    this.#list = renditionList(usable);
    if (this.#current !== undefined && this.#has(this.#current)) return;
    this.#next = undefined;
    const start = startVideo(usable)?.id ?? this.#list[0]?.id;
    this.#current = this.#has(this.#wish) ? this.#wish : start;
  }

  /** Sound alone is for people to choose, and to leave. @returns Whether that is what is played now. */
  #leaveSound(nowMs: number): boolean {
    if (this.#current === undefined || !isSound(this.#current)) return false;
    const least = this.#list.findLast(({ kind }) => kind === "video");
    if (least !== undefined) this.#changeTo(least.id, nowMs);
    return true;
  }

  #has(wanted: string): boolean {
    return this.#list.some(({ id }) => id === wanted);
  }

  #changeTo(id: string, sinceMs: number): void {
    if (id === this.#current) return this.#stay();
    if (id === this.#next?.id) return;
    this.#next = { id, sinceMs };
    this.#handlers.onTracks();
    this.#handlers.onChange(id);
  }

  /** With what is watched. */
  #stay(): void {
    if (this.#next === undefined) return;
    this.#next = undefined;
    this.#handlers.onChange(undefined);
    this.#handlers.onTracks();
  }
}

function isSound(id: string): boolean {
  return /^a\d$/.test(id);
}
