import { part, setAttribute, setHidden, setText } from "../player-view.ts";
import type { ControlsTexts, PictureTexts } from "../texts/player-texts.ts";
import { nameButtons } from "./media-chrome-words.ts";
import { type SettingsFacts, settingsModel } from "./settings-model.ts";
import { type SettingsHandlers, SettingsPanel } from "./settings-panel.ts";

export type ControlBarModel = {
  isLive: boolean;
  /** As people read it: `1.0 s`. */
  latency: string;
  notice: string | undefined;
  isStatsOpen: boolean;
  settings: SettingsFacts;
};

type BarTexts = ControlsTexts & PictureTexts;

export type ControlBarHandlers = SettingsHandlers & {
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
    this.#live.addEventListener("click", () => handlers.onLiveClick());
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
    label(this.#live, texts.jumpToLive);
    label(this.#statsButton, texts.statistics, "s");
    label(this.#settingsButton, texts.settings);
    setAttribute(this.#settings, "aria-label", texts.settings);
    void nameButtons(this.#controller, tag);
  }

  render(model: ControlBarModel): void {
    this.#live.toggleAttribute("data-live", model.isLive);
    setText(this.#latency, model.latency);
    setHidden(this.#notice, model.notice === undefined);
    setText(this.#notice, model.notice ?? "");
    setAttribute(this.#notice, "title", model.notice ?? "");
    setAttribute(this.#statsButton, "aria-pressed", String(model.isStatsOpen));
    this.#shown = model.settings;
    if (!this.#settings.hidden) this.#renderSettings();
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
