import type { Child } from "./child.ts";
import type { Children } from "./children.ts";
import { addFigures, type Figures, type Member, NO_FIGURES } from "./member.ts";
import { Reported } from "./reported.ts";

export type PeerSlotOptions = {
  name: string;
  command: readonly string[];
  logFile: string;
  children: Children;
  /** Nothing new is sent. */
  isMediaOver: () => boolean;
};

/** The place of one peer: its ports, its log, and whoever runs there, one after another. */
export class PeerSlot {
  readonly #options: PeerSlotOptions;
  readonly #reported: Reported;
  /** Of those that were killed here. */
  #past: Figures = NO_FIGURES;
  #kills = 0;
  #child: Child | undefined;
  #isStopping = false;
  #problem: string | undefined;

  constructor(options: PeerSlotOptions) {
    this.#options = options;
    this.#reported = new Reported(options.isMediaOver);
  }

  get isRunning(): boolean {
    return this.#child?.isRunning ?? false;
  }

  start(): void {
    const { children, name, command, logFile } = this.#options;
    this.#reported.forget();
    const onLine = (line: string) => this.#reported.take(line);
    const child = children.start({ name, command, logFile, onLine });
    this.#child = child;
    void child.exit.then((exit) => {
      if (child !== this.#child) return;
      this.#reported.ended();
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
    this.#past = addFigures(this.#past, this.#reported.figures);
    this.#reported.forget();
    if (!this.#isStopping) this.start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#child?.stop();
  }

  get member(): Member {
    const { figures, neighbors, latency } = this.#reported;
    return {
      name: this.#options.name,
      state: this.#state(),
      figures: addFigures(this.#past, figures),
      neighbors,
      latency,
      kills: this.#kills,
      problem: this.#problem,
    };
  }

  #state(): Member["state"] {
    if (this.#problem !== undefined) return "died";
    if (this.#isStopping && !this.isRunning) return "stopped";
    return this.#reported.isAny ? "running" : "starting";
  }
}
