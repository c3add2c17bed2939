import type { Child } from "./child.ts";
import type { Children } from "./children.ts";
import { addFigures, type Figures, LatencyMeter, type Member, NO_FIGURES } from "./member.ts";
import { parseReport } from "./peer-report.ts";

export type PeerSlotOptions = {
  name: string;
  command: readonly string[];
  logFile: string;
  children: Children;
  /** Nothing new is sent: what is newest only gets older, and that is no latency. */
  isMediaOver: () => boolean;
};

/** The place of one peer: its ports, its log, and whoever runs there, one after another. */
export class PeerSlot {
  readonly #options: PeerSlotOptions;
  readonly #latency = new LatencyMeter();
  /** Of those that were killed here. */
  #past: Figures = NO_FIGURES;
  #current: Figures = NO_FIGURES;
  #neighbors = 0;
  #kills = 0;
  #child: Child | undefined;
  #hasReported = false;
  #isStopping = false;
  #problem: string | undefined;

  constructor(options: PeerSlotOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#child?.isRunning ?? false;
  }

  start(): void {
    const { children, name, command, logFile } = this.#options;
    this.#hasReported = false;
    const child = children.start({ name, command, logFile, onLine: (line) => this.#take(line) });
    this.#child = child;
    void child.exit.then((exit) => {
      if (child !== this.#child) return;
      this.#neighbors = 0;
      this.#latency.add(undefined);
      // One that has only just started may not know yet how to stop in order.
      if (this.#isStopping && (exit === 0 || exit === "SIGTERM")) return;
      this.#problem = child.lastWords();
    });
  }

  /** Kill whoever runs here, without a word to anybody, and start another. */
  async replace(): Promise<void> {
    const victim = this.#child;
    if (victim === undefined) return;
    this.#child = undefined;
    victim.kill();
    await victim.exit;
    this.#kills++;
    this.#past = addFigures(this.#past, this.#current);
    this.#current = NO_FIGURES;
    if (!this.#isStopping) this.start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#child?.stop();
  }

  get member(): Member {
    const figures = addFigures(this.#past, this.#current);
    return {
      name: this.#options.name,
      state: this.#state(),
      figures,
      neighbors: this.#neighbors,
      latency: this.#latency.latency,
      kills: this.#kills,
      problem: this.#problem,
    };
  }

  #state(): Member["state"] {
    if (this.#problem !== undefined) return "died";
    if (this.#isStopping && !this.isRunning) return "stopped";
    return this.#hasReported ? "running" : "starting";
  }

  #take(line: string): void {
    const report = parseReport(line);
    if (report === undefined) return;
    const { figures, neighbors, latencyMs } = report;
    this.#hasReported = true;
    this.#current = figures;
    this.#neighbors = neighbors;
    if (!this.#options.isMediaOver()) this.#latency.add(latencyMs);
  }
}
