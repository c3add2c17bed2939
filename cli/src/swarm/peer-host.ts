import { createWriteStream } from "node:fs";
import { HeadlessPeer } from "#node-peer";
import { createBaseProgram, subcommand } from "../base-program.ts";
import { collectBuffers } from "../buffer-collector.ts";
import { endWithParent } from "../end-with-parent.ts";
import { createLog, type Logger } from "../log.ts";
import { headlessPeerOptions } from "../peer-action.ts";
import { addPeerOptions, type PeerFlags } from "../peer-program.ts";
import { type StartPeer, startPeer } from "./host-message.ts";

// Several peers of `livemesh swarm` in one process: a program, started by the launcher. Each has its
// own ports, its own log and its own links; they share nothing but the processor and the memory.

/** Pause between two lines of statistics, in ms. */
const STATS_PAUSE_MS = 1000;
/** Below the launcher's patience, and longer than one peer's: many say good-bye at once, in ms. */
const STOP_WITHIN_MS = 4000;

const peers = new Map<string, { peer: HeadlessPeer; log: Logger }>();

endWithParent();
collectBuffers();
process.on("message", (message) => void start(startPeer.parse(message)));
const timer = setInterval(report, STATS_PAUSE_MS);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);

async function start({ name, args, logFile }: StartPeer): Promise<void> {
  try {
    const { watchUrl, flags } = read(args);
    const file = createWriteStream(logFile, { flags: "a" });
    const { log, release } = createLog(flags.logLevel, {
      isTTY: false,
      write: (text) => file.write(text),
    });
    release();
    const options = await headlessPeerOptions(watchUrl, flags);
    peers.set(name, { peer: await HeadlessPeer.start({ ...options, log }), log });
  } catch (error) {
    say({ name, problem: error instanceof Error ? error.message : String(error) });
  }
}

function read(args: readonly string[]): { watchUrl: string; flags: PeerFlags } {
  let asked: { watchUrl: string; flags: PeerFlags } | undefined;
  const program = createBaseProgram();
  addPeerOptions(subcommand(program, "peer")).action((watchUrl: string, flags: PeerFlags) => {
    asked = { watchUrl, flags };
  });
  program.parse(["peer", ...args], { from: "user" });
  if (asked === undefined) throw new Error("no peer was asked for");
  return asked;
}

function report(): void {
  for (const [name, { peer }] of peers) {
    // Of neighbors, the launcher wants the number.
    const { neighborList: _, ...rest } = peer.stats;
    say({ name, ...rest });
  }
}

async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
  clearInterval(timer);
  for (const { peer, log } of peers.values()) {
    peer.conclude();
    log.info({}, `leaving: ${peer.summary}`);
  }
  report();
  await Promise.all([...peers.values()].map(({ peer }) => peer.close()));
  process.exit(0);
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
