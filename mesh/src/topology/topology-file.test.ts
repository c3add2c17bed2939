import { describe, expect, it } from "vitest";
import { shortPeerId } from "#protocol";
import { memberPeerId } from "./member-id.ts";
import { type MemberName, parseTopology, TopologyError, topologyOf } from "./topology-file.ts";

const chain = { links: { seeder: ["peer0"], peer0: ["peer1"] } };

describe("a topology file", () => {
  it("names links at either end", () => {
    const topology = topologyOf(parseTopology(chain, 2), memberPeerId);
    const [seeder, first, second] = (["seeder", "peer0", "peer1"] as MemberName[]).map(
      memberPeerId,
    );
    expect(topology).toEqual({ [`${seeder}`]: [first], [`${first}`]: [second] });
  });

  it("gives every place an id of its own that routes can tell apart", () => {
    const ids = Array.from({ length: 300 }, (_, index) => memberPeerId(`peer${index}`));
    const all = [memberPeerId("seeder"), ...ids];
    expect(new Set(all).size).toBe(301);
    expect(new Set(all.map(shortPeerId)).size).toBe(301);
  });

  it.each([
    [[], "the file: Invalid input: expected object, received array"],
    [{ links: [] }, "links: Invalid input: expected record, received array"],
    [{ links: {}, overlay: "ring" }, 'the file: Unrecognized key: "overlay"'],
    [
      { links: { seeder: ["peer0", "bob"] } },
      'links.seeder[1]: a member is named "seeder", "peer0", "peer1" and so on',
    ],
    [
      { links: { seeder: ["peer2"] } },
      "links.seeder[0]: there is no peer2; this swarm has seeder and peer0 to peer1",
    ],
    [
      { links: { peer01: ["seeder"] } },
      "links: there is no peer01; this swarm has seeder and peer0 to peer1",
    ],
    [{ links: { peer1: ["peer1"] } }, "links.peer1[0]: peer1 cannot be linked to itself"],
  ])("%j is refused with the place and what is expected there", (json, message) => {
    expect(() => parseTopology(json, 2)).toThrow(new TopologyError(message));
  });
});
