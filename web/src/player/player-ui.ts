import type { ControlBar } from "./controls/control-bar.ts";
import type { SettingsFacts } from "./controls/settings-model.ts";
import type { IceDiagnosis } from "./p2p/ice-diagnosis.ts";
import type { PlayerRun } from "./player-run.ts";
import type { PlayerState } from "./player-state.ts";
import type { PlayerStats } from "./player-stats.ts";
import { PlayerView, type PlayerViewHandlers } from "./player-view.ts";
import { type FailureReason, messageFor, soundOnlyMessage } from "./player-words.ts";
import type { PlayerSettings } from "./settings/player-settings.ts";
import { StatsHistory } from "./stats/stats-history.ts";
import type { StatsPanel } from "./stats/stats-panel.ts";
import { EN_PICTURE } from "./texts/en-picture.ts";
import { loadTexts } from "./texts/languages.ts";
import type { ControlsTexts, PictureTexts, PlayerTexts } from "./texts/player-texts.ts";

export type PlayerUiModel = {
  state: PlayerState;
  failure: FailureReason | undefined;
  hasSource: boolean;
  run: PlayerRun | undefined;
  settings: PlayerSettings;
  /** Id of the one that was asked for, or `auto`. */
  rendition: string;
  stats(): PlayerStats;
};

export type PlayerUiHandlers = PlayerViewHandlers & {
  onLiveClick(): void;
  onSeek(behindMs: number): void;
  onP2pSwitch(isOn: boolean): void;
  onTargetLatency(target: "auto" | number): void;
  onRendition(id: string): void;
  /** The statistics opened or closed. */
  onStats(): void;
};

/** Everything of a player that is seen: the picture's surroundings from the start, control bar,
 * settings, statistics and languages once they are wanted. */
export class PlayerUi {
  readonly history = new StatsHistory();
  readonly #view: PlayerView;
  readonly #handlers: PlayerUiHandlers;
  #language = "en";
  #translation: PlayerTexts | undefined;
  #ownTexts: Partial<PlayerTexts> = {};
  #englishControls: ControlsTexts | undefined;
  #bar: ControlBar | undefined;
  #panel: StatsPanel | undefined;
  #isStatsOpen = false;
  #model: PlayerUiModel | undefined;

  constructor(root: ShadowRoot, handlers: PlayerUiHandlers) {
    this.#handlers = handlers;
    this.#view = new PlayerView(root, handlers, EN_PICTURE);
  }

  get video(): HTMLVideoElement {
    return this.#view.video;
  }

  get controller(): HTMLElement {
    return this.#view.controller;
  }

  get isStatsOpen(): boolean {
    return this.#isStatsOpen;
  }

  get pictureTexts(): PictureTexts {
    return { ...EN_PICTURE, ...this.#translation, ...this.#ownTexts };
  }

  setPoster(url: string): void {
    this.#view.setPoster(url);
  }

  setTexts(texts: Partial<PlayerTexts>): void {
    this.#ownTexts = texts;
    this.#sayAll();
  }

  /** @param tag A language tag: `de-AT`. What there is no translation into is English. */
  async speak(tag: string): Promise<void> {
    this.#language = tag;
    const translation = await loadTexts(tag);
    if (tag !== this.#language) return;
    this.#translation = translation;
    this.#sayAll();
  }

  /** @throws When they cannot be loaded. */
  async loadControls(): Promise<void> {
    const [{ ControlBar, CONTROLS_CSS }, texts] = await Promise.all([
      import("./controls/controls.ts"),
      this.#loadControlsTexts(),
    ]);
    this.#view.addStyles(CONTROLS_CSS);
    this.#bar = new ControlBar(
      this.controller,
      {
        onLiveClick: () => this.#handlers.onLiveClick(),
        onSeek: (behindMs) => this.#handlers.onSeek(behindMs),
        onStatsClick: () => void this.openStats(!this.#isStatsOpen),
        onChoice: (id, value) => this.#chosen(id, value),
        onSwitch: (_id, isOn) => this.#handlers.onP2pSwitch(isOn),
      },
      texts,
    );
    this.#bar.say(texts, this.#language);
  }

  async openStats(isOpen: boolean): Promise<void> {
    this.#isStatsOpen = isOpen;
    if (!isOpen) this.#closePanel();
    else if (this.#panel === undefined) await this.#openPanel();
    this.#handlers.onStats();
  }

  async diagnosisWords(diagnosis: IceDiagnosis): Promise<string> {
    const [{ diagnosisWords }, texts] = await Promise.all([
      import("./stats/diagnosis-words.ts"),
      this.#loadControlsTexts(),
    ]);
    return diagnosisWords(diagnosis, texts);
  }

  render(model: PlayerUiModel): void {
    this.#model = model;
    const { state, run, hasSource } = model;
    const texts = this.pictureTexts;
    this.#view.render({
      state,
      message:
        messageFor(state, model.failure, texts) ??
        soundOnlyMessage(run?.unsupportedTracks ?? [], texts),
      isMutedByBrowser: run?.isMutedByBrowser ?? false,
      isPlayOffered: hasSource && this.#isWaitingForPlay(model),
      isPosterShown: run?.hasPlayed !== true,
    });
    if (this.#bar !== undefined) this.#renderBar(this.#bar, model);
    if (this.#isStatsOpen && this.#panel !== undefined) {
      void this.#renderPanel(this.#panel, model);
    }
  }

  /** Out of the document: nothing may keep running. */
  rest(): void {
    this.#view.rest();
  }

  /** Nobody has asked to play, or the browser wants to see somebody do so. */
  #isWaitingForPlay({ state, run }: PlayerUiModel): boolean {
    return state === "idle" || (state === "paused" && run?.hasPlayed === false);
  }

  #renderBar(bar: ControlBar, model: PlayerUiModel): void {
    bar.render({
      stats: model.stats(),
      mesh: model.run?.meshFacts,
      isStatsOpen: this.#isStatsOpen,
      settings: this.#settingsFacts(model),
    });
  }

  #chosen(id: string, value: string): void {
    if (id === "quality") this.#handlers.onRendition(value);
    else this.#handlers.onTargetLatency(value === "auto" ? "auto" : Number(value));
  }

  #settingsFacts({ settings, run, rendition, stats }: PlayerUiModel): SettingsFacts {
    return {
      settings,
      renditions: run?.renditions ?? [],
      wish: rendition,
      current: stats().rendition,
    };
  }

  get #controlsTexts(): (ControlsTexts & PictureTexts) | undefined {
    const texts = this.#translation ?? this.#englishControls;
    return texts && { ...this.pictureTexts, ...texts, ...this.#ownTexts };
  }

  async #loadControlsTexts(): Promise<ControlsTexts & PictureTexts> {
    this.#englishControls ??= (await import("./texts/en-controls.ts")).EN_CONTROLS;
    return this.#controlsTexts ?? { ...this.pictureTexts, ...this.#englishControls };
  }

  #sayAll(): void {
    this.#view.say(this.pictureTexts);
    const texts = this.#controlsTexts;
    if (texts !== undefined) this.#bar?.say(texts, this.#language);
    // Its labels are made once.
    if (this.#panel === undefined) return;
    this.#closePanel();
    if (this.#isStatsOpen) void this.#openPanel();
  }

  async #openPanel(): Promise<void> {
    const [{ StatsPanel, STATS_CSS }, texts] = await Promise.all([
      import("./stats/stats-panel.ts"),
      this.#loadControlsTexts(),
    ]);
    const model = this.#model;
    if (!this.#isStatsOpen || this.#panel !== undefined || model === undefined) return;
    this.#view.addStyles(STATS_CSS);
    this.#view.statsHost.hidden = false;
    const shown = { stats: model.stats(), samples: this.history.samples, diagnosis: undefined };
    this.#panel = new StatsPanel(this.#view.statsHost, texts, shown, () => {
      void this.openStats(false);
    });
  }

  #closePanel(): void {
    this.#view.statsHost.hidden = true;
    this.#panel?.close();
    this.#panel = undefined;
  }

  async #renderPanel(panel: StatsPanel, { run, stats }: PlayerUiModel): Promise<void> {
    const found = run?.diagnosis;
    const hasNeighbors = stats().neighbors > 0;
    const diagnosis =
      found === undefined || hasNeighbors ? undefined : await this.diagnosisWords(found);
    if (panel === this.#panel) {
      panel.render({ stats: stats(), samples: this.history.samples, diagnosis });
    }
  }
}
