import { AUTO } from "../renditions/rendition-control.ts";
import type { Rendition } from "../renditions/rendition-list.ts";
import { ControlsOnDemand } from "./controls/controls-on-demand.ts";
import { keepVolume } from "./kept-volume.ts";
import type { IceDiagnosis } from "./p2p/ice-diagnosis.ts";
import type { PlayerEvents } from "./player-events.ts";
import { PlayerRun } from "./player-run.ts";
import type { PlayerState } from "./player-state.ts";
import { NO_MESH_STATS, NO_PLAYBACK_STATS, type PlayerStats, playerStats } from "./player-stats.ts";
import { PlayerUi } from "./player-ui.ts";
import { type FailureReason, failureWords } from "./player-words.ts";
import { readSetting, SETTING_NAMES } from "./settings/player-settings.ts";
import { SettingsElement } from "./settings/settings-element.ts";
import { parseStreamAddress } from "./stream-address.ts";
import type { PlayerTexts } from "./texts/player-texts.ts";

/** How often numbers on screen follow, in ms. */
const REFRESH_MS = 1000;
/** What has not begun to play after this long, in ms, may need somebody to press play. */
const CONTROLS_AFTER_MS = 4000;
/** Latency has to move by this much, in ms, to be news. */
const LATENCY_NEWS_MS = 100;

/** What `addEventListener` of a player knows the types of. */
export type LivemeshPlayerEventMap = {
  [Name in keyof PlayerEvents]: CustomEvent<PlayerEvents[Name]>;
};

/**
 * `<livemesh-player src="watch URL or stream id" autoplay muted>`: plays one live stream as a
 * member of its swarm. Everything ends when the element is removed from the page. Attributes,
 * events, parts and style properties: docs/player.md.
 */
export class LivemeshPlayer extends SettingsElement {
  static readonly observedAttributes = [
    "src",
    "tracker",
    "muted",
    "poster",
    "lang",
    "debug",
    "rendition",
    ...SETTING_NAMES,
  ];

  readonly #ui: PlayerUi;
  readonly #controls: ControlsOnDemand;
  #run: PlayerRun | undefined;
  /** `src` itself is wrong. */
  #failure: FailureReason | undefined;
  #toldState: PlayerState = "idle";
  #toldLatency = { latencyMs: null as number | null, targetLatencyMs: 0 };
  #timers: ReturnType<typeof setTimeout>[] = [];
  #connection = new AbortController();

  constructor() {
    super();
    this.#ui = new PlayerUi(this.attachShadow({ mode: "open" }), {
      onPlayClick: () => void this.play().catch(() => {}),
      onLiveClick: () => this.jumpToLive(),
      onSeek: (behindMs) => this.seekBehind(behindMs),
      onP2pSwitch: (isOn) => this.#switchP2p(isOn),
      onTargetLatency: (target) => {
        this.targetLatency = target;
      },
      onRendition: (id) => {
        this.rendition = id;
      },
      onStats: () => this.#render(),
    });
    this.#controls = new ControlsOnDemand({
      host: this,
      controller: this.#ui.controller,
      load: async () => {
        if (this.getAttribute("controls") === "none") throw new Error("controls are not wanted");
        await this.#ui.loadControls();
        this.#render();
      },
    });
    keepVolume(this.#ui.video, () => localStorage);
    this.#ui.video.addEventListener("play", () => {
      if (this.#run === undefined) this.#start(true);
    });
    this.addEventListener("keydown", (event: KeyboardEvent) => {
      const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key === "s" && !isShortcut) this.toggleStats();
    });
  }

  /** A watch URL, or a stream id on the server that `tracker` names. */
  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(src: string) {
    this.setAttribute("src", src);
  }

  /** Id of the rendition to play, or `auto`: the player's choice, by what the line and the machine can. */
  get rendition(): string {
    return this.getAttribute("rendition") ?? AUTO;
  }

  set rendition(id: string) {
    this.setAttribute("rendition", id);
  }

  /** What {@link rendition} may be beside `auto`, best first; empty before the stream is known. */
  get renditions(): readonly Rendition[] {
    return this.#run?.renditions ?? [];
  }

  /** Server that a bare stream id in `src` belongs to. Default: the page's own. */
  get tracker(): string {
    return this.getAttribute("tracker") ?? "";
  }

  set tracker(url: string) {
    this.setAttribute("tracker", url);
  }

  /** Picture to show until it plays. */
  get poster(): string {
    return this.getAttribute("poster") ?? "";
  }

  set poster(url: string) {
    this.setAttribute("poster", url);
  }

  /** Begin without being asked, muted if the browser allows nothing else. Read when `src` is set
   * and when the element comes into the page. */
  get autoplay(): boolean {
    return this.hasAttribute("autoplay");
  }

  set autoplay(isWanted: boolean) {
    this.toggleAttribute("autoplay", isWanted);
  }

  get muted(): boolean {
    return this.#ui.video.muted;
  }

  set muted(isMuted: boolean) {
    this.#ui.video.muted = isMuted;
  }

  /** 0 to 1. */
  get volume(): number {
    return this.#ui.video.volume;
  }

  set volume(volume: number) {
    this.#ui.video.volume = volume;
  }

  get paused(): boolean {
    return this.#ui.video.paused;
  }

  /** Statistics are open from the start, and events go to the console. */
  get debug(): boolean {
    return this.hasAttribute("debug");
  }

  set debug(isWanted: boolean) {
    this.toggleAttribute("debug", isWanted);
  }

  get state(): PlayerState {
    if (this.#failure !== undefined) return "failed";
    return this.#run?.state ?? "idle";
  }

  /** Other words for some of the player's texts; in any language. */
  set texts(texts: Partial<PlayerTexts>) {
    this.#ui.setTexts(texts);
    this.#render();
  }

  /** The numbers people and tests read. */
  getStats(): PlayerStats {
    if (this.#run !== undefined) return this.#run.stats;
    return playerStats({
      streamId: undefined,
      startupMs: undefined,
      rendition: undefined,
      state: this.state,
      mesh: NO_MESH_STATS,
      playback: NO_PLAYBACK_STATS,
      p2p: { isOn: false, reason: "switched-off" },
    });
  }

  /** @throws {DOMException} `NotAllowedError` when the browser wants a click first. */
  play(): Promise<void> {
    if (this.#run === undefined) this.#start(true);
    return this.#ui.video.play();
  }

  pause(): void {
    this.#ui.video.pause();
  }

  jumpToLive(): void {
    if (this.#run === undefined) return;
    this.#run.jumpToLive();
    if (this.paused) void this.play().catch(() => {});
    this.#tell("live", { latencyMs: this.getStats().latencyMs });
  }

  /** Play what was on air so many ms ago: as far back as the stream goes, at live from 0 on. */
  seekBehind(behindMs: number): void {
    if (!(behindMs >= 0)) throw new RangeError(`behindMs must be 0 or more, got ${behindMs}`);
    this.#run?.seekBehind(behindMs);
  }

  /** Connect to others after all: consent was given. */
  enableP2p(): void {
    this.#run?.enableP2p();
  }

  /** Show or hide the statistics panel. */
  toggleStats(isOpen: boolean = !this.#ui.isStatsOpen): void {
    void this.#ui.openStats(isOpen);
  }

  connectedCallback(): void {
    this.#timers = [
      setInterval(() => this.#refresh(), REFRESH_MS),
      setTimeout(() => this.paused && void this.#controls.load(), CONTROLS_AFTER_MS),
    ];
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    // Neighbors hear of it at once instead of finding out by silence, which costs them a stall.
    addEventListener("pagehide", () => this.#stop(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#begin(), { signal });
    this.#speak();
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#connection.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stop();
    this.#ui.rest();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === "muted") this.muted = after !== null;
    else if (name === "rendition") this.#run?.chooseRendition(this.rendition);
    else if (name === "poster") this.#ui.setPoster(after ?? "");
    else if (name === "lang") this.#speak();
    else if (name === "debug") this.toggleStats(after !== null);
    else if (name === "src" || name === "tracker") this.isConnected && this.#begin();
    else this.#settingChanged(name as (typeof SETTING_NAMES)[number], after);
  }

  override addEventListener<Name extends keyof LivemeshPlayerEventMap>(
    type: Name,
    listener: (event: LivemeshPlayerEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener<Name extends keyof HTMLElementEventMap>(
    type: Name,
    listener: (event: HTMLElementEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    ...args: [string, EventListenerOrEventListenerObject, (boolean | AddEventListenerOptions)?]
  ): void {
    super.addEventListener(...args);
  }

  /** What a new `src` brings about: with `autoplay` playback, else an offer to play. */
  #begin(): void {
    this.#stop();
    if (this.autoplay && this.src !== "") this.#start(true);
    else this.#render();
  }

  #start(wantsToPlay: boolean): void {
    this.#stop();
    try {
      if (this.src !== "") this.#run = this.#newRun(wantsToPlay);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#failure = { code: "bad-src", message: error.message };
      this.#fail(this.#failure);
    }
    this.#render();
  }

  #stop(): void {
    this.#run?.close();
    this.#run = undefined;
    this.#failure = undefined;
  }

  #newRun(wantsToPlay: boolean): PlayerRun {
    const address = parseStreamAddress(this.src, document.baseURI, this.tracker);
    this.#ui.history.clear();
    const wishes = { wantsToPlay, rendition: this.rendition };
    return new PlayerRun(address, this.#ui.video, wishes, {
      settings: () => this.settings,
      onChange: () => this.#render(),
      onFirstFrame: () => this.#tell("live", { latencyMs: this.getStats().latencyMs }),
      onStall: (stalls) => this.#tell("stall", stalls),
      onRendition: () => {
        const { rendition: id } = this.getStats();
        this.#tell("renditionchange", { id, wish: this.rendition, renditions: this.renditions });
      },
      onNeighbor: ({ type, ...peer }) => this.#tell(type, peer),
      onMetadata: (event) => this.#tell("timedmetadata", event),
      onUnsupported: (tracks) => this.#tell("unsupportedcodec", { tracks }),
      onFailure: (failure) => this.#fail(failure),
      mayShare: () => this.#ask(),
      onP2p: (decision) => this.#tell("p2pchange", decision),
      onDiagnosis: (diagnosis) => void this.#tellDiagnosis(diagnosis),
    });
  }

  #ask(): boolean {
    const detail = { isRelayOnly: this.p2p === "relay-only" };
    const event = new CustomEvent("beforep2p", { detail, bubbles: true, cancelable: true });
    return this.dispatchEvent(event);
  }

  #fail(failure: FailureReason): void {
    const message = failureWords(failure, this.#ui.pictureTexts);
    this.#tell("mesherror", { code: failure.code, message, isFatal: true });
  }

  async #tellDiagnosis(diagnosis: IceDiagnosis): Promise<void> {
    const message = await this.#ui.diagnosisWords(diagnosis);
    this.#tell("mesherror", { code: diagnosis.code, message, isFatal: false });
  }

  #settingChanged(name: (typeof SETTING_NAMES)[number], text: string | null): void {
    try {
      readSetting(name, text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#tell("mesherror", { code: "bad-attribute", message: error.message, isFatal: false });
    }
    this.#run?.settingsChanged();
    this.#render();
  }

  /** By the viewer, in the settings: as good as the page's consent. */
  #switchP2p(isOn: boolean): void {
    if (!isOn) this.p2p = "off";
    else if (this.p2p === "off") this.p2p = "on";
    if (isOn) this.enableP2p();
  }

  #speak(): void {
    const tag = this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
    void this.#ui.speak(tag).then(() => this.#render());
  }

  /** Once a second. */
  #refresh(): void {
    this.#run?.look();
    const stats = this.getStats();
    this.#ui.history.add(stats, performance.now());
    this.#render();
    const { latencyMs, targetLatencyMs } = stats;
    const told = this.#toldLatency;
    const movedMs = Math.abs((latencyMs ?? 0) - (told.latencyMs ?? 0));
    if (movedMs < LATENCY_NEWS_MS && targetLatencyMs === told.targetLatencyMs) return;
    this.#toldLatency = { latencyMs, targetLatencyMs };
    this.#tell("latencychange", this.#toldLatency);
  }

  #render(): void {
    const { state } = this;
    this.#ui.render({
      state,
      failure: this.#failure ?? this.#run?.failure,
      hasSource: this.src !== "",
      run: this.#run,
      settings: this.settings,
      rendition: this.rendition,
      stats: () => this.getStats(),
    });
    if (state === this.#toldState) return;
    this.#toldState = state;
    if (state === "paused") void this.#controls.load();
    this.#tell("statechange", { state });
  }

  #tell<Name extends keyof PlayerEvents>(name: Name, detail: PlayerEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
    // biome-ignore lint/suspicious/noConsole: what the attribute asks for.
    if (this.debug) console.debug(`livemesh-player: ${name}`, detail);
  }
}
