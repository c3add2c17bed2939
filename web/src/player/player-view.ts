import { BusyDots } from "./busy-dots.ts";
import type { PlayerState } from "./player-state.ts";
import { playerStyles, styleSheet } from "./player-styles.ts";
import type { PictureTexts } from "./texts/player-texts.ts";

/** What is on and around the picture; the control bar has its own model. */
export type PlayerViewModel = {
  state: PlayerState;
  message: string | undefined;
  isMutedByBrowser: boolean;
  /** Nothing was played yet, and somebody has to ask for it. */
  isPlayOffered: boolean;
  isPosterShown: boolean;
};

export type PlayerViewHandlers = {
  onPlayClick(): void;
};

/** The shadow tree of a player without its controls. Knows no network and decides nothing. */
export class PlayerView {
  readonly video: HTMLVideoElement;
  readonly statsHost: HTMLElement;
  /** The `<media-controller>`, which holds the control bar once that is loaded. */
  readonly controller: HTMLElement;
  readonly #root: ShadowRoot;
  readonly #styles = new Set<string>();
  readonly #poster: HTMLImageElement;
  readonly #message: HTMLElement;
  readonly #words: HTMLElement;
  readonly #dots: BusyDots;
  readonly #play: HTMLElement;
  readonly #unmute: HTMLElement;
  readonly #unmuteWords: HTMLElement;

  constructor(root: ShadowRoot, handlers: PlayerViewHandlers, texts: PictureTexts) {
    this.#root = root;
    root.adoptedStyleSheets = [playerStyles()];
    root.innerHTML = MARKUP;
    const find = (selector: string) => part(root, selector, HTMLElement);
    this.video = part(root, "video", HTMLVideoElement);
    this.#poster = part(root, ".poster", HTMLImageElement);
    this.statsHost = find(".stats");
    this.controller = find("media-controller");
    this.#message = find(".message");
    this.#words = find(".words");
    this.#dots = new BusyDots(find(".dots"));
    this.#play = find(".play");
    this.#unmute = find(".unmute");
    this.#unmuteWords = find(".unmute span");
    this.#play.addEventListener("click", () => handlers.onPlayClick());
    this.#unmute.addEventListener("click", () => {
      this.video.muted = false;
    });
    this.say(texts);
  }

  /** In another language from now on. */
  say(texts: PictureTexts): void {
    this.controller.setAttribute("aria-label", texts.player);
    this.#play.setAttribute("aria-label", texts.play);
    setText(this.#unmuteWords, texts.unmute);
  }

  /** The same rules are added once. */
  addStyles(css: string): void {
    if (this.#styles.has(css)) return;
    this.#styles.add(css);
    this.#root.adoptedStyleSheets.push(styleSheet(css));
  }

  /** @param url Empty for none. */
  setPoster(url: string): void {
    if (url === "") this.#poster.removeAttribute("src");
    else this.#poster.src = url;
  }

  /** Touches only what has changed: this runs once a second for hours. */
  render(model: PlayerViewModel): void {
    setHidden(this.#message, model.message === undefined);
    setText(this.#words, model.message ?? "");
    setData(this.#message, "kind", model.state);
    this.#dots.run(model.message !== undefined && !RESTING.has(model.state));
    setHidden(this.#unmute, !model.isMutedByBrowser);
    setHidden(this.#play, !model.isPlayOffered);
    setHidden(this.#poster, !model.isPosterShown || !this.#poster.hasAttribute("src"));
  }

  /** Out of the document: nothing may keep running. */
  rest(): void {
    this.#dots.run(false);
  }
}

/** There is nothing to wait for, or nobody knows how long. */
const RESTING: ReadonlySet<PlayerState> = new Set<PlayerState>([
  "failed",
  "offline",
  "ended",
  "playing",
  "paused",
]);

const MARKUP = `
<media-controller part="controller" defaultstreamtype="live" noautoseektolive nomutedpref
  novolumepref nolangpref hotkeys="noarrowleft noarrowright nol noj no> no< noc" tabindex="0"
  role="region">
  <video slot="media" part="video" playsinline></video>
  <img class="poster" slot="middle-chrome" noautohide part="poster" alt="" hidden>
  <slot name="overlay" slot="top-chrome"></slot>
  <div class="message" slot="middle-chrome" noautohide role="status" part="message" hidden>
    <div class="pill"><span class="dots" hidden></span><span class="words"></span></div>
  </div>
  <button class="play" slot="middle-chrome" noautohide part="play" type="button" hidden>
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5.2v13.6L19 12z"/></svg>
  </button>
  <section class="stats" slot="middle-chrome" noautohide part="stats" hidden></section>
  <button class="unmute" slot="middle-chrome" noautohide part="unmute" type="button" hidden>
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 9v6h4l5 5V4L7 9H3zm18.5 0L20 7.5l-2.5
    2.5L15 7.5 13.5 9l2.5 2.5-2.5 2.5 1.5 1.5 2.5-2.5 2.5 2.5 1.5-1.5-2.5-2.5z"/></svg>
    <span></span>
  </button>
</media-controller>
`;

/** @throws {Error} When the markup lacks it: a bug. */
export function part<T extends Element>(
  root: ParentNode,
  selector: string,
  type: abstract new () => T,
): T {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the player's markup lacks ${selector}`);
  return found;
}

export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element: HTMLElement, isHidden: boolean): void {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

export function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function setData(element: HTMLElement, name: string, value: string | undefined): void {
  if (element.dataset[name] === value) return;
  if (value === undefined) delete element.dataset[name];
  else element.dataset[name] = value;
}
