import { expect, it } from "vitest";
import type { Block } from "#protocol";
import type { OriginBlocks, OriginJoin } from "../origin/index.ts";
import { newPeerId } from "../peer-id.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { settle, VirtualClock } from "../testing/virtual-clock.ts";
import { FetchQueue } from "./fetch-queue.ts";
import { JoinLoop } from "./join-loop.ts";
import { VerifyQueue } from "./verify-queue.ts";

const publisher = new TestPublisher();
const block = publisher.block();

/** Promises in the hands of the test. */
class Pending<T> {
  readonly resolvers: ((value: T) => void)[] = [];
  readonly next = (): Promise<T> => new Promise((resolve) => this.resolvers.push(resolve));
}

it("verifies eight blocks of a sender at a time, and senders side by side", async () => {
  const pending = new Pending<boolean>();
  const results: unknown[] = [];
  const queue = new VerifyQueue({ verify: pending.next }, (from, _block, isValid) =>
    results.push([from, isValid]),
  );
  const peer = newPeerId();
  for (let i = 0; i < 10; i++) queue.add(peer, block);
  queue.add("origin", block);
  expect(pending.resolvers).toHaveLength(9);
  pending.resolvers[8]?.(true);
  pending.resolvers[0]?.(false);
  await settle();
  expect(results).toEqual([
    ["origin", true],
    [peer, false],
  ]);
  expect(pending.resolvers).toHaveLength(10);
});

it("answers false to what a neighbor floods it with, and takes all from the origin", async () => {
  const pending = new Pending<boolean>();
  const results: boolean[] = [];
  const queue = new VerifyQueue({ verify: pending.next }, (_from, _block, isValid) =>
    results.push(isValid),
  );
  const peer = newPeerId();
  for (let i = 0; i < 8 + 256; i++) queue.add(peer, block);
  await settle();
  expect(results).toEqual([]);
  queue.add(peer, block);
  for (let i = 0; i < 1000; i++) queue.add("origin", block);
  await settle();
  expect(results).toEqual([false]);
});

it("fetches six chunks at a time, the rest in order, and refuses what is beyond 64 waiting", async () => {
  const pending = new Pending<OriginBlocks>();
  const asked: number[] = [];
  const outcomes: unknown[] = [];
  const queue = new FetchQueue({
    origin: {
      chunkBlocks: (_track, sequence) => {
        asked.push(sequence);
        return pending.next();
      },
    },
    onFetched: ({ sequence }, blocks: readonly Block[]) => outcomes.push([sequence, blocks.length]),
    onFailed: ({ sequence }, reason) => outcomes.push([sequence, reason]),
  });
  for (let sequence = 0; sequence < 71; sequence++) queue.add({ trackId: "v0", sequence });
  expect(asked).toEqual([0, 1, 2, 3, 4, 5]);
  pending.resolvers[3]?.({ ok: true, blocks: [block] });
  await settle();
  expect(asked.at(-1)).toBe(6);
  expect(outcomes).toEqual([
    [70, "refused"],
    [3, 1],
  ]);
});

it("ends all fetches when closed", async () => {
  const outcomes: unknown[] = [];
  const queue = new FetchQueue({
    origin: {
      chunkBlocks: (_track, _sequence, signal) =>
        new Promise((resolve) =>
          signal?.addEventListener("abort", () => resolve({ ok: false, reason: "aborted" })),
        ),
    },
    onFetched: () => {},
    onFailed: ({ sequence }, reason) => outcomes.push([sequence, reason]),
  });
  for (let sequence = 0; sequence < 8; sequence++) queue.add({ trackId: "v0", sequence });
  queue.close();
  await settle();
  expect(outcomes).toEqual([0, 1, 2, 3, 4, 5].map((sequence) => [sequence, "aborted"]));
});

function joinRig(answers: ("ok" | "not-found" | "unusable")[]) {
  const clock = new VirtualClock();
  const askedAtMs: number[] = [];
  const failures: string[] = [];
  const loop = new JoinLoop({
    clock,
    random: () => 0.5,
    origin: {
      join: async () => {
        askedAtMs.push(clock.nowMs());
        const answer = answers.shift() ?? "ok";
        if (answer === "not-found") return { ok: false, reason: answer };
        const title = answer;
        return { ok: true, descriptor: publisher.signed({ title }), blocks: [] };
      },
    },
    onJoined: async ({ descriptor }) => !descriptor.body.includes("unusable"),
    onFailed: (reason) => failures.push(reason),
  });
  return { clock, askedAtMs, failures, loop };
}

it("asks the origin until it has a join response that can be used, slower each time", async () => {
  const { clock, askedAtMs, failures, loop } = joinRig(["not-found", "unusable", "not-found"]);
  loop.ask();
  await clock.advance(60_000);
  expect(askedAtMs).toEqual([0, 500, 1250, 2375]);
  expect(failures).toEqual(["not-found", "bad-answer", "not-found"]);
});

/** A loop whose requests stay open until the test answers or the loop gives them up. */
function openJoinRig(onJoined: () => Promise<boolean>) {
  const clock = new VirtualClock();
  const answers = new Pending<OriginJoin>();
  const signals: (AbortSignal | undefined)[] = [];
  const failures: string[] = [];
  const loop = new JoinLoop({
    clock,
    random: () => 0.5,
    origin: {
      join: (signal) => {
        signals.push(signal);
        return answers.next();
      },
    },
    onJoined,
    onFailed: (reason) => failures.push(reason),
  });
  const join: OriginJoin = { ok: true, descriptor: publisher.signed(), blocks: [] };
  return { clock, answers, signals, failures, loop, join };
}

it("gives up a request when the origin is another one, and asks that one at once", async () => {
  let usedCount = 0;
  const rig = openJoinRig(async () => ++usedCount > 0);
  rig.loop.askElsewhere();
  expect(rig.signals).toHaveLength(0);
  rig.loop.ask();
  rig.loop.askElsewhere();
  expect(rig.signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  for (const resolve of rig.answers.resolvers) resolve(rig.join);
  await settle();
  rig.loop.askElsewhere();
  await rig.clock.advance(60_000);
  expect([rig.signals.length, usedCount, rig.failures]).toEqual([2, 1, []]);
});

it("keeps an answer that tells of another origin while it is being used", async () => {
  const rig = openJoinRig(async () => {
    rig.loop.askElsewhere();
    return true;
  });
  rig.loop.ask();
  rig.answers.resolvers[0]?.(rig.join);
  await rig.clock.advance(60_000);
  expect(rig.signals).toHaveLength(1);
});

it("does not wait out its pause when the origin is another one", async () => {
  const { clock, askedAtMs, loop } = joinRig(["not-found"]);
  loop.ask();
  await clock.advance(10);
  loop.askElsewhere();
  await clock.advance(60_000);
  expect(askedAtMs).toEqual([0, 10]);
});

it("asks at once when told to, but not twice at a time, and not after the close", async () => {
  const { clock, askedAtMs, loop } = joinRig(["not-found", "not-found"]);
  loop.ask();
  loop.ask();
  await clock.advance(100);
  loop.ask();
  await clock.advance(0);
  expect(askedAtMs).toEqual([0, 100]);
  loop.close();
  loop.ask();
  await clock.advance(60_000);
  expect(askedAtMs).toHaveLength(2);
});
