import type { Page } from "@playwright/test";
import { z } from "zod";
import { LatencyMeter, type Member, NO_REPORT } from "./member.ts";

const READ_STATS = "document.querySelector('livemesh-player')?.getStats?.() ?? null";

const count = z.number().nonnegative();
const playerStats = z.object({
  startupMs: z.number().nullish(),
  latencyMs: z.number().nullish(),
  stalls: z.object({ count }),
  bytes: z.object({ fromPeers: count, fromSeeder: count, fromOrigin: count, uploaded: count }),
  neighbors: count,
});

/** A headless tab with the watch page. Its gaps are the times its picture stood still. */
export class BrowserTab {
  readonly name: string;
  readonly #page: Page;
  readonly #latency = new LatencyMeter();
  #report = NO_REPORT;
  #hasStarted = false;
  #isPolling = false;
  #isStopped = false;
  #problem: string | undefined;

  constructor(name: string, page: Page) {
    this.name = name;
    this.#page = page;
    page.on("crash", () => this.#fail("crashed"));
    page.on("close", () => this.#fail("was closed"));
  }

  get isRunning(): boolean {
    return !this.#isStopped && this.#problem === undefined;
  }

  async open(watchUrl: string): Promise<void> {
    await this.#page.goto(watchUrl, { waitUntil: "domcontentloaded" }).catch((error: unknown) => {
      this.#fail(`cannot open ${watchUrl}: ${String(error).split("\n")[0]}`);
    });
  }

  /** Ask for its figures. A tab that does not answer keeps the ones it had. */
  async poll(): Promise<void> {
    if (this.#isPolling || !this.isRunning) return;
    this.#isPolling = true;
    const answer = await this.#page.evaluate(READ_STATS).catch(() => undefined);
    this.#isPolling = false;
    const { data } = playerStats.safeParse(answer);
    // Before its first frame there is nothing to tell.
    if (data === undefined || typeof data.startupMs !== "number") return;
    const { bytes, neighbors, stalls } = data;
    const latencyMs = data.latencyMs ?? undefined;
    this.#hasStarted = true;
    this.#latency.add(latencyMs);
    this.#report = {
      figures: { ...bytes, gaps: stalls.count, leftOutAtStart: 0 },
      neighbors,
      latencyMs,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    // A page that is asked says good-bye to its neighbors.
    await this.#page.close({ runBeforeUnload: false }).catch(() => {});
  }

  get member(): Member {
    const { neighbors, figures } = this.#report;
    return {
      name: this.name,
      state: this.#state(),
      figures,
      neighbors,
      latency: this.#latency.latency,
      kills: 0,
      problem: this.#problem,
    };
  }

  #state(): Member["state"] {
    if (this.#problem !== undefined) return "died";
    if (this.#isStopped) return "stopped";
    return this.#hasStarted ? "running" : "starting";
  }

  #fail(what: string): void {
    if (!this.#isStopped) this.#problem ??= `${this.name} ${what}`;
  }
}
