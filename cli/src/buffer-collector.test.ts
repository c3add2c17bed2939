import { expect, it, vi } from "vitest";
import { CollectionRule, collectBuffers } from "./buffer-collector.ts";

it("collects after eight megabytes more than were in use the last time, and not a byte before", () => {
  const rule = new CollectionRule();
  expect(rule.isDue(7_999_999)).toBe(false);
  expect(rule.isDue(8_000_000)).toBe(true);
  rule.collected(5_000_000);
  expect(rule.isDue(12_999_999)).toBe(false);
  expect(rule.isDue(13_000_000)).toBe(true);
});

it("counts from less when less is in use", () => {
  const rule = new CollectionRule();
  rule.collected(50_000_000);
  expect(rule.isDue(10_000_000)).toBe(false);
  expect(rule.isDue(18_000_000)).toBe(true);
});

it("gives dead buffers back", async () => {
  const before = process.memoryUsage().arrayBuffers;
  let passing: Uint8Array[] = Array.from({ length: 40 }, () => new Uint8Array(1_000_000));
  const heldBytes = () => process.memoryUsage().arrayBuffers - before;
  expect(heldBytes() + passing.length).toBeGreaterThan(39_000_000);
  passing = [];
  collectBuffers();
  await vi.waitUntil(() => heldBytes() < 10_000_000, { timeout: 15_000 });
});
