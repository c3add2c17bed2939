import { expect, it } from "vitest";
import { peerIdFromBytes } from "#protocol";
import { nodeCrypto256 } from "../testing/node-crypto.ts";
import { TestMembers } from "../testing/test-members.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { RecordChecker } from "./record-checker.ts";

const NOW_MS = 1_800_000_000_000;
const { streamId } = new TestPublisher();
const members = new TestMembers(streamId);
const bob = { peerId: peerIdFromBytes(new Uint8Array(10).fill(2)), role: "viewer" } as const;

function rig(verifyP256 = nodeCrypto256.verifyP256) {
  let checkCount = 0;
  const checker = new RecordChecker({
    crypto: {
      ...nodeCrypto256,
      verifyP256: (...args) => {
        checkCount++;
        return verifyP256(...args);
      },
    },
    streamId,
    sourceNowMs: () => NOW_MS,
  });
  return { checker, checks: () => checkCount };
}

it("believes what the tracker signed for this stream, until it expires", async () => {
  const { checker } = rig();
  checker.setKey(members.key);
  expect(await checker.isGenuine(members.record(bob, NOW_MS + 1))).toBe(true);
  expect(await checker.isGenuine(members.record(bob, NOW_MS))).toBe(false);
});

it("does not believe a forged record, a changed one, or one of another stream", async () => {
  const { checker } = rig();
  checker.setKey(members.key);
  const genuine = members.record(bob);
  const elsewhere = new TestPublisher().streamId;
  for (const forged of [
    new TestMembers(streamId).record(bob),
    { ...genuine, role: "seeder" as const },
    { ...genuine, expiresAtMs: genuine.expiresAtMs + 1 },
    { ...genuine, peerId: peerIdFromBytes(new Uint8Array(10).fill(3)) },
    new TestMembers(elsewhere).record(bob),
  ]) {
    expect(await checker.isGenuine(forged)).toBe(false);
  }
});

it("believes nobody without a key, and a restarted tracker's members with its new one", async () => {
  const { checker } = rig();
  const record = members.record(bob);
  expect([checker.hasKey, await checker.isGenuine(record)]).toEqual([false, false]);
  checker.setKey(new TestMembers(streamId).key);
  expect(await checker.isGenuine(record)).toBe(false);
  checker.setKey(members.key);
  expect([checker.hasKey, await checker.isGenuine(record)]).toEqual([true, true]);
});

it("checks a record once, however often it is shown", async () => {
  const { checker, checks } = rig();
  checker.setKey(members.key);
  for (let i = 0; i < 20; i++) await checker.isGenuine(members.record(bob));
  const once = members.record(bob);
  const before = checks();
  for (let i = 0; i < 20; i++) await checker.isGenuine({ ...once });
  checker.setKey(members.key.slice());
  await checker.isGenuine(once);
  expect(checks() - before).toBe(1);
});

it("does no more than 64 checks at a time, and remembers nothing of what it did not check", async () => {
  const pending: ((isValid: boolean) => void)[] = [];
  const { checker, checks } = rig(() => new Promise((resolve) => pending.push(resolve)));
  checker.setKey(members.key);
  const refused = members.record(bob);
  const answers = Array.from({ length: 64 }, (_, n) =>
    checker.isGenuine(members.record(bob, NOW_MS + 1 + n)),
  );
  expect(await checker.isGenuine(refused)).toBe(false);
  expect(checks()).toBe(64);
  pending[0]?.(true);
  expect(await answers[0]).toBe(true);
  void checker.isGenuine(refused);
  expect(checks()).toBe(65);
});
