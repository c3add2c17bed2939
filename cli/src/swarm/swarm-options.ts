import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { readTopologyFile } from "../topology.ts";
import { UsageError } from "../usage-error.ts";
import type { SwarmFlags } from "./swarm-flags.ts";

/** What a swarm is made of, after everything that can be checked beforehand has been. */
export type SwarmOptions = SwarmFlags & {
  peerCount: number;
  /** `test://…`, or a file that could be read a moment ago. */
  media: string;
};

export const INTEGERS = "test://integers";
/** What ingest makes of them, in KB/s. */
const INTEGERS_RATES = { least: 10, most: 9999 };
const TEST_MEDIA: readonly string[] = [INTEGERS, "test://pattern"];

/** Whether a media server sends it; otherwise ingest makes it by itself. */
export function isFile(media: string): boolean {
  return !TEST_MEDIA.includes(media);
}

/** @throws {UsageError} When the parts of the command line do not fit. */
export function checkSwarm(peerCount: number, media: string, flags: SwarmFlags): SwarmOptions {
  if (isFile(media)) checkFile(media);
  else {
    for (const option of ["rate", "loop", "hold"] as const) {
      if (!flags[option] || (option === "rate" && media === INTEGERS)) continue;
      throw new UsageError(`--${option} is for a media file, not for ${media}`);
    }
    const { rate = INTEGERS_RATES.least } = flags;
    if (media === INTEGERS && (rate < INTEGERS_RATES.least || rate > INTEGERS_RATES.most)) {
      const { least, most } = INTEGERS_RATES;
      throw new UsageError(`--rate of ${media} is ${least} to ${most} KB/s, not ${rate}`);
    }
  }
  if (flags.browsers > 0 && media === INTEGERS) {
    throw new UsageError("browsers have nothing to play in test://integers; leave --browsers out");
  }
  if (peerCount === 0 && flags.browsers === 0) {
    throw new UsageError("a swarm of 0 peers needs --browsers");
  }
  if (flags.killEvery !== undefined && (flags.peersPerProcess ?? 1) > 1) {
    throw new UsageError(
      "--kill-every kills the process of a peer; leave it out, or give --peers-per-process 1",
    );
  }
  if (flags.topology !== undefined) checkTopology(flags.topology, peerCount, flags.browsers);
  checkFolder(flags.logDir);
  return { ...flags, peerCount, media };
}

function checkTopology(file: string, peerCount: number, browsers: number): void {
  if (browsers > 0) {
    throw new UsageError(
      "browsers have no place in a topology; leave out --browsers or --topology",
    );
  }
  readTopologyFile(file, peerCount);
}

function checkFile(media: string): void {
  if (media.includes("://")) {
    throw new UsageError(`a swarm takes a media file or ${TEST_MEDIA.join(" or ")}, not ${media}`);
  }
  const stat = statSync(media, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`there is no media file ${media}`);
  if (!stat.isFile()) throw new UsageError(`${media} is no file`);
  if (stat.size === 0) throw new UsageError(`the media file ${media} is empty`);
  try {
    accessSync(media, constants.R_OK);
  } catch (cause) {
    throw new UsageError(`the media file ${media} may not be read`, { cause });
  }
}

function checkFolder(logDir: string): void {
  try {
    mkdirSync(logDir, { recursive: true });
    accessSync(logDir, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`no logs can be written to ${logDir}; --log-dir takes another folder`, {
      cause,
    });
  }
}
