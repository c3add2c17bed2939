import type { PlayerEvents } from "../player/player-events.ts";
import type { PlayerStats } from "../player/player-stats.ts";
import { type EmbedCommandName, type EmbedCommands, readFromEmbed } from "./embed-message.ts";

/** How long an answer may take, in ms: the frame may be loading, or have gone elsewhere. */
const ANSWER_WITHIN_MS = 15_000;

type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

/** A livemesh player in an `<iframe>`, from the page around it. */
export class LivemeshEmbed extends EventTarget {
  readonly iframe: HTMLIFrameElement;
  /** Once the player in the frame answers. */
  readonly ready: Promise<void>;
  readonly #origin: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new AbortController();
  #nextId = 1;

  /** @param iframe With an embed page as its `src`; loaded or not. */
  constructor(iframe: HTMLIFrameElement) {
    super();
    this.iframe = iframe;
    this.#origin = new URL(iframe.src, document.baseURI).origin;
    const { signal } = this.#listeners;
    this.ready = new Promise((resolve) => {
      this.addEventListener("ready", () => resolve(), { once: true, signal });
    });
    window.addEventListener("message", (event) => this.#receive(event), { signal });
    // Whichever comes second: its script, or we.
    iframe.addEventListener("load", () => this.#hello(), { signal });
    if (hasLoaded(iframe)) this.#hello();
  }

  play(): Promise<void> {
    return this.#ask("play");
  }

  pause(): Promise<void> {
    return this.#ask("pause");
  }

  setMuted(isMuted: boolean): Promise<void> {
    return this.#ask("setMuted", isMuted);
  }

  jumpToLive(): Promise<void> {
    return this.#ask("jumpToLive");
  }

  /** Show or hide the statistics; the other way round without a value. */
  toggleStats(isOpen?: boolean): Promise<void> {
    return this.#ask("toggleStats", isOpen);
  }

  /** Set an attribute of the player, such as `rendition` or `p2p`; null removes it. */
  setAttribute(name: string, text: string | null): Promise<void> {
    return this.#ask("setAttribute", { name, text });
  }

  getStats(): Promise<PlayerStats> {
    return this.#ask("getStats");
  }

  /** The player's own events, by the same names and with the same `detail`. */
  on<Name extends keyof PlayerEvents>(
    name: Name,
    listener: (detail: PlayerEvents[Name]) => void,
  ): () => void {
    const heard = (event: Event) => listener((event as CustomEvent<PlayerEvents[Name]>).detail);
    this.addEventListener(name, heard);
    return () => this.removeEventListener(name, heard);
  }

  /** Stop listening; the frame is its owner's. What was asked and not answered is rejected. */
  close(): void {
    this.#listeners.abort();
    for (const { reject } of this.#waiting.values()) reject(new Error("the embed was closed"));
    this.#waiting.clear();
  }

  #hello(): void {
    this.#post({ type: "hello" });
  }

  async #ask<Name extends EmbedCommandName>(
    name: Name,
    value?: EmbedCommands[Name]["value"],
  ): Promise<EmbedCommands[Name]["result"]> {
    await this.#within(this.ready, name);
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#post({ type: "command", id, name, value });
    try {
      return (await this.#within(answer, name)) as EmbedCommands[Name]["result"];
    } finally {
      this.#waiting.delete(id);
    }
  }

  #within<T>(promise: Promise<T>, name: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`${name}: the player in the frame does not answer`));
      const timer = setTimeout(late, ANSWER_WITHIN_MS);
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  #post(message: Record<string, unknown>): void {
    const target = this.iframe.contentWindow;
    try {
      target?.postMessage({ livemesh: 1, ...message }, this.#origin);
    } catch {
      // A sandboxed frame without an origin: it hears nothing, and every question says so.
    }
  }

  #receive({ source, origin, data }: MessageEvent): void {
    if (source !== this.iframe.contentWindow || origin !== this.#origin) return;
    const message = readFromEmbed(data);
    switch (message?.type) {
      case undefined:
        return;
      case "ready":
        this.dispatchEvent(new CustomEvent("ready"));
        return;
      case "event":
        this.dispatchEvent(new CustomEvent(message.name, { detail: message.detail }));
        return;
      case "result":
        this.#waiting.get(message.id)?.resolve(message.value);
        return;
      case "failure":
        this.#waiting.get(message.id)?.reject(new Error(message.message));
        return;
    }
  }
}

/** A frame that has not gone anywhere yet has an empty document of ours: nobody to talk to. */
function hasLoaded({ contentDocument, contentWindow }: HTMLIFrameElement): boolean {
  if (contentWindow === null) return false;
  return contentDocument === null || contentDocument.URL !== "about:blank";
}
