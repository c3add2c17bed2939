import { readFileSync } from "node:fs";
import { type MemberName, parseTopology, TopologyError, topologyOf } from "#mesh/topology";
import type { PeerId } from "#protocol";
import { simPeerId } from "../ids.ts";
import { UsageError } from "./usage-error.ts";

/**
 * A topology from a file as docs/swarm.md has it.
 * @param viewers In all, in order of joining.
 * @throws {UsageError} When there is none, or something is wrong in it.
 */
export function loadTopology(file: string, viewers: number): ReturnType<typeof topologyOf> {
  try {
    return topologyOf(parseTopology(JSON.parse(readFileSync(file, "utf8")), viewers), idOf);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SyntaxError || error instanceof TopologyError) {
      throw new UsageError(`${file}: ${reason}`);
    }
    throw new UsageError(`${file} cannot be read: ${reason}`);
  }
}

/** The simulator numbers peers as they come, the seeder first. */
function idOf(name: MemberName): PeerId {
  return simPeerId(name === "seeder" ? 0 : Number(name.slice("peer".length)) + 1);
}
