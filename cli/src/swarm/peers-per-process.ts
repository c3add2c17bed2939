import { availableParallelism } from "node:os";

/** Up to so many peers for each core, every peer is a process of its own, as it would be elsewhere. */
const ALONE_PER_CORE = 8;
/** With more peers than that, they share so many processes for each core. */
const PROCESSES_PER_CORE = 2;

/**
 * How many peers share a process where nobody says: a process costs 90 MB and half a second of a
 * core to start, and a hundred of them on two cores do little but take turns.
 */
export function peersPerProcess(peerCount: number, cores = availableParallelism()): number {
  if (peerCount <= ALONE_PER_CORE * cores) return 1;
  return Math.ceil(peerCount / (PROCESSES_PER_CORE * cores));
}
