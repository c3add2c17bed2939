import { type Block, type PeerId, WIRE_LIMITS } from "#protocol";
import { blockKey } from "../block-key.ts";
import type { BlockSender } from "../events.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import type { Expectation, Judgement, SchedulerContext, Wanted } from "../scheduler.ts";
import type { Stripe } from "../stripe-table.ts";
import { TokenBucket } from "../token-bucket.ts";
import { Treeless } from "./treeless.ts";

/** Share of what the uplink carries that rounds may fill; the rest is for what is requested. */
const PUSH_SHARE = 0.5;
/** What one neighbor may push to us, times the stream's rate, and what at once, times the buffer: an
 * honest one pushes nothing twice. */
const PUSHED_OF_RATE = 3;
const PUSHED_OF_BUFFER = 2;
/** An uplink not known yet counts as this in the choice of neighbors, in bit/s. */
const LEAST_BPS = 100_000;

/**
 * Epidemic, as in GRAPES and Bonald et al. (SIGMETRICS 2008): in every round the newest block that a
 * neighbor lacks by its claims goes to it, the neighbor drawn by what its uplink can pass on.
 */
export class LatestUsefulPush extends Treeless implements Part {
  override readonly parts: readonly Part[] = [this];
  readonly #budget: TokenBucket;
  /** Newest first. */
  #buffer: Block[] = [];
  /** What each neighbor pushed to us or got from us lately, of which its claims say nothing yet. */
  readonly #passed = new Map<PeerId, Set<number>>();
  readonly #allowances = new Map<PeerId, TokenBucket>();
  #roundAtMs = 0;
  dueAtMs = Number.POSITIVE_INFINITY;

  constructor(context: SchedulerContext) {
    super(context);
    this.#budget = new TokenBucket(0, WIRE_LIMITS.messageBytes);
  }

  /** Whatever comes is wanted, within what an honest neighbor can have to push. */
  judge(_stripe: Stripe, from: Neighbor): Judgement {
    const { nowMs, stripes, options } = this.context;
    const rateBps = PUSHED_OF_RATE * stripes.streamRateBps();
    const burstBytes = PUSHED_OF_BUFFER * options.pushBufferBlocks * WIRE_LIMITS.messageBytes;
    const allowance = this.#allowances.get(from.peer) ?? new TokenBucket(rateBps, burstBytes);
    this.#allowances.set(from.peer, allowance);
    allowance.setRate(rateBps, nowMs, burstBytes);
    return allowance.take(WIRE_LIMITS.messageBytes, nowMs) ? "expected" : "stale";
  }

  stored(_stripe: Stripe, block: Block, from: BlockSender): void {
    if (this.context.role === "seeder") {
      for (const peer of this.few.of(block)) this.context.push(peer, block);
      return;
    }
    if (from !== "origin") this.#note(from, block);
    const at = this.#buffer.findIndex(({ sourceTimeMs }) => sourceTimeMs <= block.sourceTimeMs);
    this.#buffer.splice(at < 0 ? this.#buffer.length : at, 0, block);
    this.#buffer.length = Math.min(this.#buffer.length, this.context.options.pushBufferBlocks);
    this.lookAgain();
  }

  /** Some blocks chance brings to nobody near: those are pulled ("simple push-pull", arXiv:1302.4030). */
  expectation(_stripe: Stripe, heardAtMs: number): Expectation {
    return { dueAtMs: heardAtMs + this.context.options.pushHopeMs, isPushed: true };
  }

  rank({ deadlineMs }: Wanted): number {
    return deadlineMs + this.context.random();
  }

  override lookAgain(): void {
    if (this.#buffer.length === 0) return;
    const nextMs = Math.max(
      this.context.nowMs,
      this.#roundAtMs + this.context.options.pushPeriodMs,
    );
    this.dueAtMs = Math.min(this.dueAtMs, nextMs);
  }

  override neighborGone(peer: PeerId): void {
    super.neighborGone(peer);
    this.#passed.delete(peer);
    this.#allowances.delete(peer);
  }

  /** A round. When nobody lacks anything, the next one waits for something new. */
  housekeep(): void {
    const { nowMs, options, uplink, neighbors } = this.context;
    this.#roundAtMs = nowMs;
    this.dueAtMs = Number.POSITIVE_INFINITY;
    const rateBps = uplink.budgetBps * PUSH_SHARE;
    const burstBytes = Math.max(WIRE_LIMITS.messageBytes, (rateBps * options.pushPeriodMs) / 4000);
    this.#budget.setRate(rateBps, nowMs, burstBytes);
    const candidates = [...neighbors.values()].filter(hasTold);
    for (let count = 0; count < options.pushRoundBlocks; count++) {
      if (this.#budget.readyAtMs(nowMs) > nowMs) break;
      if (!this.#pushOne(candidates)) return;
    }
    this.dueAtMs = Math.max(nowMs + options.pushPeriodMs, this.#budget.readyAtMs(nowMs));
  }

  /** @param candidates Those who lack nothing are taken out. @returns Whether anybody lacked anything. */
  #pushOne(candidates: Neighbor[]): boolean {
    while (candidates.length > 0) {
      const at = this.#draw(candidates);
      const neighbor = candidates[at];
      const block = neighbor && this.#buffer.find((held) => this.#lacks(neighbor, held));
      if (neighbor !== undefined && block !== undefined) {
        this.#note(neighbor.peer, block);
        this.#budget.take(block.bytes.length, this.context.nowMs);
        this.context.push(neighbor.peer, block);
        return true;
      }
      candidates.splice(at, 1);
    }
    return false;
  }

  #draw(candidates: readonly Neighbor[]): number {
    const weights = candidates.map(({ uploadBps }) => Math.max(LEAST_BPS, uploadBps));
    let left = this.context.random() * weights.reduce((sum, weight) => sum + weight, 0);
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return Math.max(0, at);
  }

  #lacks(neighbor: Neighbor, { track, sequence, index }: Block): boolean {
    if (neighbor.holds(track, sequence, index)) return false;
    return this.#passed.get(neighbor.peer)?.has(blockKey(track, sequence, index)) !== true;
  }

  #note(peer: PeerId, { track, sequence, index }: Block): void {
    const passed = this.#passed.get(peer) ?? new Set<number>();
    this.#passed.set(peer, passed.add(blockKey(track, sequence, index)));
    const oldest = passed.keys().next();
    const isOver = passed.size > 2 * this.context.options.pushBufferBlocks;
    if (isOver && !oldest.done) passed.delete(oldest.value);
  }
}

/** The seeder lacks nothing, and of whom has not told what it holds nobody knows. */
function hasTold({ role, lagsMs, isCongested }: Neighbor): boolean {
  return role === "viewer" && lagsMs.length > 0 && !isCongested;
}
