import { expect, it } from "vitest";
import { peersPerProcess } from "./peers-per-process.ts";

it.each([
  // Each alone up to eight for each core, and then so many processes that no core lacks work.
  { peers: 16, cores: 2, shared: 1 },
  { peers: 17, cores: 2, shared: 5 },
  { peers: 100, cores: 2, shared: 25 },
  { peers: 100, cores: 16, shared: 1 },
  { peers: 0, cores: 1, shared: 1 },
])("$peers peers on $cores cores are $shared to a process", ({ peers, cores, shared }) => {
  expect(peersPerProcess(peers, cores)).toBe(shared);
});
