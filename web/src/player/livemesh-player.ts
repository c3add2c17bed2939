import { AUTO } from "../renditions/rendition-control.ts";
import type { Rendition } from "../renditions/rendition-list.ts";
import { ControlsOnDemand } from "./controls-on-demand.ts";
import { keepVolume } from "./kept-volume.ts";
import type { PlayerEvents } from "./player-events.ts";
import { PlayerRun } from "./player-run.ts";
import type { PlayerState } from "./player-state.ts";
import { NO_MESH_STATS, NO_PLAYBACK_STATS, type PlayerStats, playerStats } from "./player-stats.ts";
import { PlayerView, type PlayerViewModel } from "./player-view.ts";
import { messageFor, type PlayerFailure } from "./player-words.ts";
import { StatsPanel } from "./stats-panel.ts";
import { parseStreamAddress } from "./stream-address.ts";

/** How often numbers on screen follow, in ms. */
const REFRESH_MS = 1000;
/** What has not begun to play after this long, in ms, may need somebody to press play. */
const CONTROLS_AFTER_MS = 4000;
/** Latency has to move by this much, in ms, to be news. */
const LATENCY_NEWS_MS = 100;

/**
 * `<livemesh-player src="watch URL or stream id" autoplay muted>`: plays one live stream as a
 * member of its swarm. Everything ends when the element is removed from the page.
 */
export class LivemeshPlayer extends HTMLElement {
  static readonly observedAttributes = ["src", "muted", "rendition"];

  readonly #view: PlayerView;
  readonly #controls: ControlsOnDemand;
  #panel: StatsPanel | undefined;
  #run: PlayerRun | undefined;
  /** `src` itself is wrong. */
  #failure: PlayerFailure | undefined;
  #toldState: PlayerState = "idle";
  #toldLatency = { latencyMs: null as number | null, targetLatencyMs: 0 };
  #isStatsOpen = false;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #connection = new AbortController();

  constructor() {
    super();
    this.#view = new PlayerView(this.attachShadow({ mode: "open" }), {
      onLiveClick: () => this.jumpToLive(),
      onStatsClick: () => this.toggleStats(),
    });
    this.#controls = new ControlsOnDemand({
      host: this,
      controller: this.#view.controller,
      load: () => import("./controls.ts"),
    });
    keepVolume(this.#view.video, () => localStorage);
    this.addEventListener("keydown", (event) => {
      const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key === "s" && !isShortcut) this.toggleStats();
    });
  }

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

  get muted(): boolean {
    return this.#view.video.muted;
  }

  set muted(isMuted: boolean) {
    this.#view.video.muted = isMuted;
  }

  get paused(): boolean {
    return this.#view.video.paused;
  }

  get state(): PlayerState {
    if (this.#failure !== undefined) return "failed";
    return this.#run?.state ?? "idle";
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
    });
  }

  /** @throws {DOMException} `NotAllowedError` when the browser wants a click first. */
  play(): Promise<void> {
    return this.#view.video.play();
  }

  pause(): void {
    this.#view.video.pause();
  }

  jumpToLive(): void {
    if (this.#run === undefined) return;
    this.#run.jumpToLive();
    if (this.paused) void this.play().catch(() => {});
    this.#tell("live", { latencyMs: this.getStats().latencyMs });
  }

  /** Show or hide the statistics panel. */
  toggleStats(isOpen: boolean = !this.#isStatsOpen): void {
    this.#isStatsOpen = isOpen;
    this.#render();
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
    addEventListener("pageshow", ({ persisted }) => persisted && this.#start(), { signal });
    this.#start();
  }

  disconnectedCallback(): void {
    this.#connection.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stop();
    this.#view.rest();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === "muted") this.muted = after !== null;
    else if (name === "rendition") this.#run?.chooseRendition(this.rendition);
    else if (this.isConnected) this.#start();
  }

  #start(): void {
    this.#stop();
    if (this.src !== "") {
      try {
        this.#run = this.#begin();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.#failure = { code: "bad-src", message: error.message };
        this.#tell("mesherror", this.#failure);
      }
    }
    this.#render();
  }

  #stop(): void {
    this.#run?.close();
    this.#run = undefined;
    this.#failure = undefined;
  }

  #begin(): PlayerRun {
    const address = parseStreamAddress(this.src, document.baseURI);
    const wishes = { isAutoplay: this.hasAttribute("autoplay"), rendition: this.rendition };
    return new PlayerRun(address, this.#view.video, wishes, {
      onChange: () => this.#render(),
      onFirstFrame: () => this.#tell("live", { latencyMs: this.getStats().latencyMs }),
      onStall: (stalls) => this.#tell("stall", stalls),
      onRendition: () => {
        const { rendition: id } = this.getStats();
        this.#tell("renditionchange", { id, wish: this.rendition, renditions: this.renditions });
      },
      onNeighbor: ({ type, ...peer }) => this.#tell(type, peer),
      onFailure: (failure) => this.#tell("mesherror", failure),
    });
  }

  /** Once a second. */
  #refresh(): void {
    this.#run?.look();
    this.#render();
    const { latencyMs, targetLatencyMs } = this.getStats();
    const told = this.#toldLatency;
    const movedMs = Math.abs((latencyMs ?? 0) - (told.latencyMs ?? 0));
    if (movedMs < LATENCY_NEWS_MS && targetLatencyMs === told.targetLatencyMs) return;
    this.#toldLatency = { latencyMs, targetLatencyMs };
    this.#tell("latencychange", this.#toldLatency);
  }

  #render(): void {
    this.#view.render({ ...this.#viewModel(), isStatsOpen: this.#isStatsOpen });
    if (this.#isStatsOpen) this.#renderStats(this.getStats());
    const { state } = this;
    if (state === this.#toldState) return;
    this.#toldState = state;
    if (state === "paused") void this.#controls.load();
    this.#tell("statechange", { state });
  }

  #renderStats(stats: PlayerStats): void {
    if (this.#panel === undefined) this.#panel = new StatsPanel(this.#view.statsHost, stats);
    else this.#panel.render(stats);
  }

  #viewModel(): Omit<PlayerViewModel, "isStatsOpen"> {
    if (this.#run !== undefined) return this.#run.view;
    const { state } = this;
    const message = messageFor(state, this.#failure);
    return {
      state,
      message,
      notice: undefined,
      isLive: false,
      latencyMs: undefined,
      isMutedByBrowser: false,
    };
  }

  #tell<Name extends keyof PlayerEvents>(name: Name, detail: PlayerEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
