import type { Child } from "./child.ts";
import type { Children } from "./children.ts";
import { hostLine } from "./host-message.ts";
import type { Member } from "./member.ts";
import { Reported } from "./reported.ts";

export type HostedPeersOptions = {
  name: string;
  /** What starts `peer-host.ts`. */
  command: readonly string[];
  /** For what the process itself says; each peer has a log of its own. */
  logFile: string;
  children: Children;
  /** Nothing new is sent. */
  isMediaOver: () => boolean;
};

/** One process with several peers. It runs from the first one on. */
export class HostedPeers {
  readonly #isMediaOver: () => boolean;
  readonly #child: Child;
  readonly #peers = new Map<string, HostedPeer>();
  #stopped: Promise<unknown> | undefined;

  constructor({ name, command, logFile, children, isMediaOver }: HostedPeersOptions) {
    this.#isMediaOver = isMediaOver;
    this.#child = children.start({
      name,
      command,
      logFile,
      onLine: (line) => this.#take(line),
    });
    void this.#child.exit.then((exit) => {
      const isStopped = this.#stopped !== undefined && (exit === 0 || exit === "SIGTERM");
      const problem = isStopped ? undefined : this.#child.lastWords();
      for (const peer of this.#peers.values()) peer.ended(problem);
    });
  }

  /** @param args As behind `livemesh peer`. */
  start(name: string, args: readonly string[], logFile: string): HostedPeer {
    const reported = new Reported(this.#isMediaOver);
    const peer = new HostedPeer({ name, logFile, reported, stop: () => this.#stop() });
    this.#peers.set(name, peer);
    if (this.#child.isRunning) this.#child.tell({ name, args, logFile });
    else peer.ended(this.#child.lastWords());
    return peer;
  }

  /** All of them at once: none is stopped before the others. */
  async #stop(): Promise<void> {
    this.#stopped ??= this.#child.stop();
    await this.#stopped;
  }

  #take(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return;
    }
    const { data } = hostLine.safeParse(value);
    const peer = data && this.#peers.get(data.name);
    if (data?.problem !== undefined) peer?.failed(data.problem);
    else peer?.reported.take(line);
  }
}

type HostedPeerOptions = {
  name: string;
  logFile: string;
  reported: Reported;
  stop: () => Promise<void>;
};

/** One peer of a process that has several. */
export class HostedPeer {
  readonly reported: Reported;
  readonly #options: HostedPeerOptions;
  #isRunning = true;
  #problem: string | undefined;

  constructor(options: HostedPeerOptions) {
    this.#options = options;
    this.reported = options.reported;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Its process lives on without it. */
  failed(problem: string): void {
    const { name, logFile } = this.#options;
    this.ended(`${name} did not start: ${problem}; see ${logFile}`);
  }

  /** @param problem In one line; undefined when it was asked to stop. */
  ended(problem: string | undefined): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#problem = problem;
    this.reported.ended();
  }

  stop(): Promise<void> {
    return this.#options.stop();
  }

  get member(): Member {
    const { figures, neighbors, latency } = this.reported;
    const problem = this.#problem;
    return {
      name: this.#options.name,
      state: this.#state(),
      figures,
      neighbors,
      latency,
      kills: 0,
      problem,
    };
  }

  #state(): Member["state"] {
    if (this.#problem !== undefined) return "died";
    if (!this.#isRunning) return "stopped";
    return this.reported.isAny ? "running" : "starting";
  }
}
