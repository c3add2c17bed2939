import { setTimeout as delay, setInterval as every } from "node:timers/promises";
import { commandPath } from "../package-paths.ts";
import type { BrowserTab } from "./browser-tab.ts";
import { Browsers } from "./browsers.ts";
import { Children } from "./children.ts";
import { EndOfMedia } from "./end-of-media.ts";
import type { HostedPeer } from "./hosted-peers.ts";
import { type Member, receivedBytes } from "./member.ts";
import type { PeerSlot } from "./peer-slot.ts";
import { checkPorts } from "./port-plan.ts";
import { seededRandom } from "./seeded-random.ts";
import { type Servers, startServers } from "./servers.ts";
import { type SourceFigures, sourceFigures } from "./source-figures.ts";
import { isFile, type SwarmOptions } from "./swarm-options.ts";
import { type PeerCommands, SwarmPeers } from "./swarm-peers.ts";

const LIVEMESH = [process.execPath, commandPath()];
const TICK_MS = 1000;
/** Longer than a hundred starts take on two busy cores. */
const UP_WITHIN_MS = 120_000;
const MEDIA_OVER = "its media is over";

/**
 * A held file begins with so many bytes at a time, until the first chunk of it is published: slower
 * than any media, so that it is the only chunk with a key frame for a while.
 */
const LEAD_BYTES = 4096;
const LEAD_PAUSE_MS = 50;
/** Longer than the first chunk of a fast stream takes like this. */
const LEAD_WITHIN_MS = 10_000;

/** A swarm as it is now, or was at its end. */
export type SwarmState = {
  /** Empty until ingest is up. */
  watchUrl: string;
  /** Since the first peer was started, in ms. */
  elapsedMs: number;
  members: Member[];
  source: SourceFigures | undefined;
  /** Why it is over; undefined while it is not. */
  end: string | undefined;
  /** What broke the swarm as a whole, in one line. */
  failure: string | undefined;
  /** The media was held until all were there, and sent to its end: each is to have all of it. */
  isWhole: boolean;
};

export type SwarmWatcher = {
  /** Once a second. */
  tick(state: SwarmState): void;
  /** One line about something that happened. */
  say(message: string): void;
};

/** Starts a whole swarm, watches it, and leaves nothing running. */
export class Swarm {
  readonly #options: SwarmOptions;
  readonly #watcher: SwarmWatcher;
  readonly #peers: SwarmPeers;
  readonly #children = new Children();
  /** Aborted once, with the reason. */
  readonly #over = new AbortController();
  readonly #ended: Promise<void>;
  readonly #endOfMedia = new EndOfMedia();
  #servers: Servers | undefined;
  #browsers: Browsers | undefined;
  #source: SourceFigures | undefined;
  #startedAtMs: number | undefined;
  #failure: string | undefined;

  /** @param commands What runs peers; tests have others. */
  constructor(options: SwarmOptions, watcher: SwarmWatcher, commands?: PeerCommands) {
    this.#options = options;
    this.#watcher = watcher;
    this.#peers = new SwarmPeers({
      swarm: options,
      children: this.#children,
      isMediaOver: () => this.#endOfMedia.isSent,
      commands,
    });
    const { signal } = this.#over;
    this.#ended = new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  }

  get state(): SwarmState {
    return {
      watchUrl: this.#servers?.watchUrl ?? "",
      elapsedMs: performance.now() - (this.#startedAtMs ?? performance.now()),
      members: this.#members.map(({ member }) => member),
      source: this.#source,
      end: this.#over.signal.reason,
      failure: this.#failure,
      isWhole: this.#options.hold && this.#over.signal.reason === MEDIA_OVER,
    };
  }

  get #members(): (PeerSlot | HostedPeer | BrowserTab)[] {
    return [...this.#peers.members, ...(this.#browsers?.tabs ?? [])];
  }

  /**
   * Until its media or its time is over, it breaks, or `stop` ends it.
   * @throws {UsageError} Before anything was started.
   */
  async run(stop: AbortSignal): Promise<SwarmState> {
    const { peerCount, media, mediaServerPort, browsers, ...rest } = this.#options;
    const port = isFile(media) ? mediaServerPort : undefined;
    await checkPorts({ ...rest, peerCount, mediaServerPort: port });
    if (browsers > 0) this.#browsers = await Browsers.launch();
    const stopped = () => this.#over.abort("stopped");
    if (stop.aborted) stopped();
    else stop.addEventListener("abort", stopped);
    try {
      await Promise.race([this.#start(), this.#ended]);
      await this.#ended;
      // While tracker and seeder are still there, so that they leave as viewers do.
      await Promise.all(this.#members.map((member) => member.stop()));
      await this.#askSource();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    } finally {
      stop.removeEventListener("abort", stopped);
      await this.#browsers?.close().catch(() => {});
      await this.#servers?.stop();
      await this.#children.close();
    }
    return this.state;
  }

  async #start(): Promise<void> {
    const { hold, peerCount, interval, browsers } = this.#options;
    const say = (message: string) => this.#watcher.say(message);
    const servers = await startServers(this.#options, this.#children, LIVEMESH, say);
    this.#servers = servers;
    void servers.failed.then((failure) => this.#fail(failure));
    void servers.media?.done.then(() => this.#endOfMedia.sent());
    say(`watch ${servers.watchUrl}`);
    if (!hold) servers.media?.release();
    void this.#tickUntilEnd();
    this.#startedAtMs = performance.now();
    for (let index = 0; index < peerCount; index++) {
      if (index > 0) await this.#pause(interval);
      if (this.#over.signal.aborted) return;
      this.#peers.start(servers.watchUrl);
    }
    for (let tab = 0; tab < browsers && !this.#over.signal.aborted; tab++) {
      await this.#browsers?.open(servers.watchUrl);
    }
    await this.#allUp();
    if (hold) await this.#leadIn();
    servers.media?.release();
    void this.#churn();
    const { duration } = this.#options;
    if (duration === undefined) return;
    await this.#pause(duration);
    this.#over.abort("its time is over");
  }

  /** Waits until those who come up have; a peer that hangs is not waited for for ever. */
  async #allUp(): Promise<void> {
    const { hold } = this.#options;
    // Who is to get all of a held file meets others first. Tabs show that they are up by playing.
    const waiting = hold ? this.#peers.members : this.#members;
    const isComing = ({ member }: { member: Member }) =>
      member.state === "starting" || (hold && member.state === "running" && !member.neighbors);
    const waitUntilMs = performance.now() + UP_WITHIN_MS;
    while (waiting.some(isComing) && performance.now() < waitUntilMs) {
      if (this.#over.signal.aborted) return;
      await this.#pause(100);
    }
    const upCount = waiting.filter(({ member }) => member.state === "running").length;
    const seconds = (this.state.elapsedMs / 1000).toFixed(1);
    this.#watcher.say(`${upCount} of ${waiting.length} are up after ${seconds} s`);
  }

  /**
   * Lets just as much of a held file go that everybody begins: who learns of the stream later than
   * others would join at a later key frame, and miss what was before.
   */
  async #leadIn(): Promise<void> {
    const untilMs = performance.now() + LEAD_WITHIN_MS;
    while (performance.now() < untilMs && !this.#over.signal.aborted) {
      const living = this.#peers.members.filter(({ isRunning }) => isRunning);
      if (living.every(({ member }) => receivedBytes(member.figures) > 0)) return;
      await this.#askSource();
      if (!this.#source?.copy) this.#servers?.media?.allow(LEAD_BYTES);
      await this.#pause(LEAD_PAUSE_MS);
    }
  }

  async #churn(): Promise<void> {
    const { killEvery, seed } = this.#options;
    if (killEvery === undefined) return;
    const random = seededRandom(seed);
    while (!this.#over.signal.aborted) {
      await this.#pause(killEvery);
      const living = this.#peers.killable;
      const victim = living[Math.floor(random() * living.length)];
      if (victim === undefined || this.#over.signal.aborted) continue;
      this.#watcher.say(`${victim.member.name} killed, another takes its place`);
      await victim.replace();
    }
  }

  async #tickUntilEnd(): Promise<void> {
    const { signal } = this.#over;
    try {
      for await (const _ of every(TICK_MS, undefined, { signal })) {
        await this.#askSource();
        for (const tab of this.#browsers?.tabs ?? []) void tab.poll();
        this.#watcher.tick(this.state);
        this.#lookForEnd();
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(String(error));
    }
  }

  #lookForEnd(): void {
    const members = this.#members;
    const { peerCount, browsers } = this.#options;
    const areAllThere = members.length === peerCount + browsers;
    const areAllDead = areAllThere && !members.some(({ isRunning }) => isRunning);
    if (areAllDead) this.#over.abort("nobody is left");
    const figures = members.map(({ member }) => member);
    if (this.#endOfMedia.hasArrived(figures, this.#source)) this.#over.abort(MEDIA_OVER);
  }

  async #askSource(): Promise<void> {
    const servers = this.#servers;
    if (servers === undefined) return;
    this.#source = (await sourceFigures(servers.trackerUrl, servers.streamId)) ?? this.#source;
  }

  #fail(failure: string): void {
    // Whatever ends after the end ended because of it.
    if (this.#over.signal.aborted) return;
    this.#failure = failure;
    this.#over.abort("it broke");
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#over.signal }).catch(() => {});
  }
}
