import { z } from "zod";
import type { PeerId } from "#protocol";
import type { Topology } from "../overlay/overlay-policy.ts";

/** A place in a topology: the seeder, or the peer started as the first (`peer0`), second, … */
export type MemberName = "seeder" | `peer${number}`;

/** A topology as its file states it: undirected links, each named at either end. */
export type TopologyFile = { readonly links: Readonly<Record<string, readonly MemberName[]>> };

/** A topology as one of its members needs it. */
export type StatedTopology = { readonly topology: Topology; readonly self: PeerId };

/** In one line: where in the file, what was found and what is expected. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
}

/** Links of one member. Above what any engine keeps open, below what would fill memory. */
const LINKS_MAX = 1000;
/** Peers of the largest simulation. */
export const MEMBERS_MAX = 200_000;

const memberName = z.custom<MemberName>(
  (name) => name === "seeder" || (typeof name === "string" && /^peer(0|[1-9]\d{0,5})$/.test(name)),
  { error: 'a member is named "seeder", "peer0", "peer1" and so on' },
);

/** @throws {TopologyError} When it is no name of a member. */
export function parseMemberName(name: string): MemberName {
  const parsed = memberName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new TopologyError(parsed.error.issues[0]?.message ?? "no member");
}

const links = z.array(memberName).max(LINKS_MAX);

const topologyFile = z.strictObject({
  links: z
    .record(z.string(), links)
    .refine((all) => Object.keys(all).length <= MEMBERS_MAX + 1, "more members than any swarm has"),
});

/**
 * A topology from JSON. docs/swarm.md has the format.
 * @param peerCount Peers of the swarm, without the seeder.
 * @throws {TopologyError} In one line.
 */
export function parseTopology(json: unknown, peerCount: number): TopologyFile {
  const parsed = topologyFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TopologyError(`${pathText(issue?.path ?? [])}: ${issue?.message ?? "not readable"}`);
  }
  const check = (name: string, at: string) => {
    if (isMember(name, peerCount)) return;
    const last = peerCount === 1 ? "peer0" : `peer0 to peer${peerCount - 1}`;
    throw new TopologyError(`${at}: there is no ${name}; this swarm has seeder and ${last}`);
  };
  for (const [name, others] of Object.entries(parsed.data.links)) {
    check(name, "links");
    for (const [index, other] of others.entries()) {
      const at = `links.${name}[${index}]`;
      check(other, at);
      if (other === name) throw new TopologyError(`${at}: ${name} cannot be linked to itself`);
    }
  }
  return parsed.data;
}

/** The same with peer ids, as overlay `static` takes it. */
export function topologyOf({ links }: TopologyFile, idOf: (name: MemberName) => PeerId): Topology {
  return Object.fromEntries(
    Object.entries(links).map(([name, others]) => [idOf(name as MemberName), others.map(idOf)]),
  );
}

function isMember(name: string, peerCount: number): boolean {
  const index = /^peer(0|[1-9]\d{0,5})$/.exec(name)?.[1];
  return name === "seeder" || (index !== undefined && Number(index) < peerCount);
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("");
  return text === "" ? "the file" : text.replace(/^\./, "");
}
