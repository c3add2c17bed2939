import type { PlayerStats } from "../player-stats.ts";
import { part, setAttribute, setHidden, setText } from "../player-view.ts";
import type { MeshFacts } from "../player-words.ts";
import { seconds } from "../stats/units.ts";
import type { ControlsTexts, PictureTexts } from "../texts/player-texts.ts";
import { clock } from "./clock-text.ts";
import { nameButtons } from "./media-chrome-words.ts";
import { noSoundNotice, noticeFor } from "./notices.ts";
import { SeekBar, type SeekHandlers } from "./seek-bar.ts";
import { type SettingsFacts, settingsModel } from "./settings-model.ts";
import { type SettingsHandlers, SettingsPanel } from "./settings-panel.ts";

export type ControlBarModel = {
  stats: PlayerStats;
  /** Undefined while nothing is to be played. */
  mesh: MeshFacts | undefined;
  isStatsOpen: boolean;
  settings: SettingsFacts;
};

type BarTexts = ControlsTexts & PictureTexts;

export type ControlBarHandlers = SettingsHandlers &
  SeekHandlers & {
    onLiveClick(): void;
    onStatsClick(): void;
  };

/** What lies at the bottom of the picture while somebody reaches for it. */
export class ControlBar {
  readonly #controller: HTMLElement;
  readonly #live: HTMLElement;
  readonly #liveWord: HTMLElement;
  readonly #latency: HTMLElement;
  readonly #notice: HTMLElement;
  readonly #statsButton: HTMLElement;
  readonly #settingsButton: HTMLElement;
  readonly #settings: HTMLElement;
  readonly #panel: SettingsPanel;
  readonly #seek: SeekBar;
  #texts: BarTexts;
  #shown: SettingsFacts | undefined;

  constructor(controller: HTMLElement, handlers: ControlBarHandlers, texts: BarTexts) {
    this.#controller = controller;
    this.#texts = texts;
    const template = document.createElement("template");
    template.innerHTML = MARKUP;
    controller.append(template.content);
    const find = (selector: string) => part(controller, selector, HTMLElement);
    this.#live = find(".live");
    this.#liveWord = find(".live span");
    this.#latency = find(".live small");
    this.#notice = find(".notice");
    this.#statsButton = find(".stats-button");
    this.#settingsButton = find(".settings-button");
    this.#settings = find(".settings");
    this.#panel = new SettingsPanel(this.#settings, handlers);
    this.#seek = new SeekBar(part(controller, ".seek", HTMLInputElement), handlers, texts);
    this.#live.addEventListener("click", () => {
      this.#seek.forget();
      handlers.onLiveClick();
    });
    controller.addEventListener("keydown", (event) => this.#key(event));
    this.#statsButton.addEventListener("click", () => handlers.onStatsClick());
    this.#settingsButton.addEventListener("click", () =>
      this.#toggle(this.#settings.hidden === true),
    );
    this.#settings.addEventListener("keydown", (event) => this.#settingsKey(event));
    controller.addEventListener("pointerdown", ({ target }) => this.#pressed(target));
  }

  /** @param tag Language of the texts. */
  say(texts: BarTexts, tag: string): void {
    this.#texts = texts;
    setText(this.#liveWord, texts.live);
    this.#seek.say(texts);
    label(this.#live, texts.jumpToLive);
    label(this.#statsButton, texts.statistics, "s");
    label(this.#settingsButton, texts.settings);
    setAttribute(this.#settings, "aria-label", texts.settings);
    void nameButtons(this.#controller, tag);
  }

  render(model: ControlBarModel): void {
    const { stats, mesh } = model;
    const { latencyMs, targetLatencyMs, dvr, state } = stats;
    const isNear = (latencyMs ?? Number.POSITIVE_INFINITY) < 2 * targetLatencyMs;
    this.#live.toggleAttribute("data-live", state === "playing" && isNear);
    setText(this.#latency, latencyMs === null ? "" : this.#distance(latencyMs, dvr.isPast));
    this.#seek.render(stats);
    this.#controller.toggleAttribute("data-dvr", dvr.windowMs !== null);
    const notice =
      mesh && (noSoundNotice(stats.unsupportedTracks, this.#texts) ?? noticeFor(mesh, this.#texts));
    setHidden(this.#notice, notice === undefined);
    setText(this.#notice, notice ?? "");
    setAttribute(this.#notice, "title", notice ?? "");
    setAttribute(this.#statsButton, "aria-pressed", String(model.isStatsOpen));
    this.#shown = model.settings;
    if (!this.#settings.hidden) this.#renderSettings();
  }

  #distance(latencyMs: number, isPast: boolean): string {
    return isPast ? `−${clock(latencyMs)}` : seconds(latencyMs);
  }

  #key(event: KeyboardEvent): void {
    const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
    const { target } = event;
    // Sliders of others have their own use for arrows.
    const isOthers = target instanceof Element && target.localName === "media-volume-range";
    if (isShortcut || isOthers || !this.#seek.press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #renderSettings(): void {
    if (this.#shown === undefined) return;
    this.#panel.render(settingsModel(this.#shown, this.#texts), this.#texts);
  }

  #toggle(isOpen: boolean): void {
    setHidden(this.#settings, !isOpen);
    setAttribute(this.#settingsButton, "aria-expanded", String(isOpen));
    if (!isOpen) return;
    this.#renderSettings();
    this.#settings.querySelector<HTMLElement>("select, input")?.focus();
  }

  #settingsKey(event: KeyboardEvent): void {
    // Arrows and letters choose in a list; they are no shortcuts of the player there.
    event.stopPropagation();
    if (event.key !== "Escape") return;
    this.#toggle(false);
    this.#settingsButton.focus();
  }

  #pressed(target: EventTarget | null): void {
    if (this.#settings.hidden || !(target instanceof Node)) return;
    if (this.#settings.contains(target) || this.#settingsButton.contains(target)) return;
    this.#toggle(false);
  }
}

function label(button: HTMLElement, words: string, key?: string): void {
  setAttribute(button, "aria-label", words);
  setAttribute(button, "title", key === undefined ? words : `${words} (${key})`);
}

const MARKUP = `
<div class="settings" slot="middle-chrome" noautohide part="settings" role="dialog" hidden></div>
<div class="controls" part="controls">
  <input class="seek" part="seek" type="range" max="0" value="0" step="1" hidden>
  <media-play-button></media-play-button>
  <media-mute-button></media-mute-button>
  <media-volume-range></media-volume-range>
  <button class="live" part="live" type="button"><span></span> <small></small></button>
  <span class="notice" part="notice" hidden></span>
  <span class="spacer"></span>
  <button class="tool stats-button" part="stats-button" type="button" aria-pressed="false">
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 19v-5M12 19V5M19 19v-9"/></svg>
  </button>
  <button class="tool settings-button" part="settings-button" type="button" aria-haspopup="dialog"
    aria-expanded="false">
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h9M19 7h1M4 17h1M11 17h9"/>
    <circle cx="16" cy="7" r="2.6"/><circle cx="8" cy="17" r="2.6"/></svg>
  </button>
  <media-captions-button notooltip></media-captions-button>
  <media-airplay-button></media-airplay-button>
  <media-cast-button></media-cast-button>
  <media-pip-button></media-pip-button>
  <media-fullscreen-button></media-fullscreen-button>
</div>
`;
