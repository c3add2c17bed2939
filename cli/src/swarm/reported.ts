import { type Figures, LatencyMeter, NO_REPORT, type Report } from "./member.ts";
import { parseReport } from "./peer-report.ts";

/** What a running peer has said of itself. */
export class Reported {
  readonly #latency = new LatencyMeter();
  readonly #isMediaOver: () => boolean;
  #last: Report | undefined;

  /** @param isMediaOver Nothing new is sent: what is newest only gets older, and that is no latency. */
  constructor(isMediaOver: () => boolean) {
    this.#isMediaOver = isMediaOver;
  }

  /** Whether it has said anything yet. */
  get isAny(): boolean {
    return this.#last !== undefined;
  }

  get figures(): Figures {
    return (this.#last ?? NO_REPORT).figures;
  }

  get neighbors(): number {
    return (this.#last ?? NO_REPORT).neighbors;
  }

  get latency(): LatencyMeter["latency"] {
    return this.#latency.latency;
  }

  /** One line of its output, which may be something else. */
  take(line: string): void {
    const report = parseReport(line);
    if (report === undefined) return;
    this.#last = report;
    if (!this.#isMediaOver()) this.#latency.add(report.latencyMs);
  }

  /** It has ended: it has no neighbors now, and is behind nothing. What it received stays. */
  ended(): void {
    if (this.#last !== undefined) this.#last = { ...this.#last, neighbors: 0 };
    this.#latency.add(undefined);
  }

  /** Another begins in its place. */
  forget(): void {
    this.#last = undefined;
  }
}
