import { expect, it } from "vitest";
import { meshDepths } from "./mesh-depth.ts";

const link = (from: string, to: string, stripes = 1) => ({ from, to, stripes, bps: 0 });

it("counts hops from the seeder, on average over the stripes of a peer", () => {
  const links = [
    link("seeder", "alice", 8),
    link("alice", "bob", 8),
    link("alice", "nina", 6),
    link("bob", "nina", 2),
  ];
  const depths = meshDepths(["seeder"], links);
  expect(Object.fromEntries(depths)).toEqual({ seeder: 0, alice: 1, bob: 2, nina: 2.25 });
});

it("leaves out whom no tree reaches, and ends when peers feed each other in a circle", () => {
  const links = [link("bob", "nina"), link("nina", "bob"), link("seeder", "idle", 0)];
  expect([...meshDepths(["seeder"], links).keys()]).toEqual(["seeder"]);
  const fed = meshDepths(["seeder"], [...links, link("seeder", "bob")]);
  for (const depth of fed.values()) expect(depth).toBeLessThanOrEqual(12);
});
