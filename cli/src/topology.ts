import { readFileSync } from "node:fs";
import {
  MEMBERS_MAX,
  parseMemberName,
  parseTopology,
  type StatedTopology,
  statedTopology,
  TopologyError,
  type TopologyFile,
} from "#mesh/topology";
import { UsageError } from "./usage-error.ts";

/**
 * The file of `--topology`.
 * @param peerCount Of the swarm; default as many as there can be.
 * @throws {UsageError} In one line with the place in the file.
 */
export function readTopologyFile(file: string, peerCount = MEMBERS_MAX): TopologyFile {
  try {
    return parseTopology(JSON.parse(readFileSync(file, "utf8")), peerCount);
  } catch (cause) {
    const at = cause instanceof TopologyError ? `${file}: ` : `--topology ${file}: `;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${at}${problem.replace(/\s*\n\s*/g, " ")}`, { cause });
  }
}

/**
 * What one member of a stated topology needs; undefined where none is stated.
 * @param name Its place, as the file calls it.
 * @throws {UsageError}
 */
export function topologyAt(
  file: string | undefined,
  name: string | undefined,
): StatedTopology | undefined {
  if (file === undefined && name === undefined) return undefined;
  if (file === undefined || name === undefined) {
    throw new UsageError("--topology and --member go together: the file, and the place in it");
  }
  const topology = readTopologyFile(file);
  try {
    return statedTopology(topology, parseMemberName(name));
  } catch (cause) {
    if (!(cause instanceof TopologyError)) throw cause;
    throw new UsageError(`--member ${name}: ${cause.message}`, { cause });
  }
}
