import { BusyDots } from "./busy-dots.ts";
import type { PlayerState } from "./player-state.ts";
import { playerStyles } from "./player-styles.ts";
import { seconds } from "./stats-rows.ts";

/** What the player shows, besides the picture. */
export type PlayerViewModel = {
  state: PlayerState;
  message: string | undefined;
  notice: string | undefined;
  isLive: boolean;
  latencyMs: number | undefined;
  isMutedByBrowser: boolean;
  isStatsOpen: boolean;
};

export type PlayerViewHandlers = {
  onLiveClick(): void;
  onStatsClick(): void;
};

/** The shadow tree of a player. Knows no network and decides nothing. */
export class PlayerView {
  readonly video: HTMLVideoElement;
  readonly statsHost: HTMLElement;
  /** Shows the controls once they are loaded. */
  readonly controller: HTMLElement;
  readonly #message: HTMLElement;
  readonly #words: HTMLElement;
  readonly #dots: BusyDots;
  readonly #unmute: HTMLElement;
  readonly #live: HTMLElement;
  readonly #latency: HTMLElement;
  readonly #notice: HTMLElement;
  readonly #statsButton: HTMLElement;

  constructor(root: ShadowRoot, handlers: PlayerViewHandlers) {
    root.adoptedStyleSheets = [playerStyles()];
    root.innerHTML = MARKUP;
    const find = (selector: string) => part(root, selector, HTMLElement);
    this.video = part(root, "video", HTMLVideoElement);
    this.statsHost = find(".stats");
    this.controller = find("media-controller");
    this.#message = find(".message");
    this.#words = find(".words");
    this.#dots = new BusyDots(find(".dots"));
    this.#unmute = find(".unmute");
    this.#live = find(".live");
    this.#latency = find(".live small");
    this.#notice = find(".notice");
    this.#statsButton = find(".stats-button");
    this.#live.addEventListener("click", () => handlers.onLiveClick());
    this.#statsButton.addEventListener("click", () => handlers.onStatsClick());
    this.#unmute.addEventListener("click", () => {
      this.video.muted = false;
    });
  }

  /** Touches only what has changed: this runs once a second for hours. */
  render(model: PlayerViewModel): void {
    setHidden(this.#message, model.message === undefined);
    setText(this.#words, model.message ?? "");
    setData(this.#message, "kind", model.state);
    this.#dots.run(model.message !== undefined && !RESTING.has(model.state));
    setHidden(this.#unmute, !model.isMutedByBrowser);
    setHidden(this.#notice, model.notice === undefined);
    setText(this.#notice, model.notice ?? "");
    if (this.#notice.title !== (model.notice ?? "")) this.#notice.title = model.notice ?? "";
    setData(this.#live, "live", model.isLive ? "" : undefined);
    setText(this.#latency, model.latencyMs === undefined ? "" : seconds(model.latencyMs));
    setHidden(this.statsHost, !model.isStatsOpen);
    const isPressed = String(model.isStatsOpen);
    if (this.#statsButton.getAttribute("aria-pressed") !== isPressed) {
      this.#statsButton.setAttribute("aria-pressed", isPressed);
    }
  }

  /** Out of the document: nothing may keep running. */
  rest(): void {
    this.#dots.run(false);
  }
}

/** There is nothing to wait for, or nobody knows how long. */
const RESTING: ReadonlySet<PlayerState> = new Set<PlayerState>(["failed", "offline"]);

const MARKUP = `
<media-controller part="controller" defaultstreamtype="live" noautoseektolive nomutedpref
  novolumepref hotkeys="noarrowleft noarrowright nol noj no> no< noc" tabindex="0" role="region"
  aria-label="video player">
  <video slot="media" part="video" playsinline></video>
  <div class="message" slot="middle-chrome" noautohide role="status" part="message" hidden>
    <div class="pill"><span class="dots" hidden></span><span class="words"></span></div>
  </div>
  <section class="stats" slot="middle-chrome" noautohide part="stats" aria-label="Statistics"
    hidden></section>
  <button class="unmute" slot="middle-chrome" noautohide part="unmute" type="button" hidden>
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 9v6h4l5 5V4L7 9H3zm18.5 0L20 7.5l-2.5
    2.5L15 7.5 13.5 9l2.5 2.5-2.5 2.5 1.5 1.5 2.5-2.5 2.5 2.5 1.5-1.5-2.5-2.5z"/></svg>
    Tap to unmute
  </button>
  <media-control-bar part="controls">
    <media-play-button></media-play-button>
    <media-mute-button></media-mute-button>
    <media-volume-range></media-volume-range>
    <button class="live" type="button" title="Jump to live" aria-label="Live. Jump to live">
      Live <small></small>
    </button>
    <span class="notice" hidden></span>
    <span class="spacer"></span>
    <button class="tool stats-button" type="button" title="Statistics (s)"
      aria-label="Statistics" aria-pressed="false">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 19v-5M12 19V5M19 19v-9"/></svg>
    </button>
    <media-pip-button></media-pip-button>
    <media-fullscreen-button></media-fullscreen-button>
  </media-control-bar>
</media-controller>
`;

function part<T extends Element>(root: ShadowRoot, selector: string, type: new () => T): T {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the player's markup lacks ${selector}`);
  return found;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function setHidden(element: HTMLElement, isHidden: boolean): void {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

function setData(element: HTMLElement, name: string, value: string | undefined): void {
  if (element.dataset[name] === value) return;
  if (value === undefined) delete element.dataset[name];
  else element.dataset[name] = value;
}
