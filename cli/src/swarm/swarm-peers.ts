import { commandPath, peerHostPath } from "../package-paths.ts";
import type { Children } from "./children.ts";
import { type HostedPeer, HostedPeers } from "./hosted-peers.ts";
import { PeerSlot } from "./peer-slot.ts";
import { peersPerProcess } from "./peers-per-process.ts";
import { portAt } from "./port-plan.ts";
import { freshLog } from "./servers.ts";
import type { SwarmOptions } from "./swarm-options.ts";

/** Programs and first arguments; tests have others. */
export type PeerCommands = { alone: readonly string[]; host: readonly string[] };

const LIVEMESH: PeerCommands = {
  alone: [process.execPath, commandPath(), "peer"],
  host: [process.execPath, peerHostPath()],
};

export type SwarmPeersOptions = {
  swarm: SwarmOptions;
  children: Children;
  /** Nothing new is sent. */
  isMediaOver: () => boolean;
  commands?: PeerCommands | undefined;
};

/** The headless peers of a swarm, each in a process of its own or several in one. */
export class SwarmPeers {
  readonly #options: SwarmPeersOptions;
  readonly #commands: PeerCommands;
  /** Peers in one process. */
  readonly #shared: number;
  readonly #members: (PeerSlot | HostedPeer)[] = [];
  #host: HostedPeers | undefined;

  constructor(options: SwarmPeersOptions) {
    this.#options = options;
    this.#commands = options.commands ?? LIVEMESH;
    const { peersPerProcess: asked, peerCount, killEvery } = options.swarm;
    // What is to be killed like by a power cut needs a process to be killed.
    this.#shared = asked ?? (killEvery === undefined ? peersPerProcess(peerCount) : 1);
  }

  get members(): readonly (PeerSlot | HostedPeer)[] {
    return this.#members;
  }

  /** Those that can be killed and replaced one by one. */
  get killable(): PeerSlot[] {
    return this.#members.filter(
      (member): member is PeerSlot => member instanceof PeerSlot && member.isRunning,
    );
  }

  /** Start the next one. */
  start(watchUrl: string): void {
    const index = this.#members.length;
    const name = `peer${index}`;
    const logFile = freshLog(this.#options.swarm, name);
    const args = this.#arguments(index, name, watchUrl);
    this.#members.push(
      this.#shared > 1
        ? this.#hostFor(index).start(name, args, logFile)
        : this.#startAlone(name, args, logFile),
    );
  }

  #startAlone(name: string, args: readonly string[], logFile: string): PeerSlot {
    const { children, isMediaOver } = this.#options;
    const command = [...this.#commands.alone, ...args];
    const slot = new PeerSlot({ name, command, logFile, children, isMediaOver });
    slot.start();
    return slot;
  }

  #hostFor(index: number): HostedPeers {
    if (this.#host !== undefined && index % this.#shared > 0) return this.#host;
    const { swarm, children, isMediaOver } = this.#options;
    const name = `process${Math.floor(index / this.#shared)}`;
    const logFile = freshLog(swarm, name);
    const command = this.#commands.host;
    this.#host = new HostedPeers({ name, command, logFile, children, isMediaOver });
    return this.#host;
  }

  #arguments(index: number, name: string, watchUrl: string): string[] {
    const { startPeerPort, startStreamingPort, upload, latency, topology } = this.#options.swarm;
    return [
      ...[watchUrl, "--json", "--ip", "127.0.0.1"],
      ...["--port", `${portAt(startPeerPort, index)}`],
      ...["--streaming-port", `${portAt(startStreamingPort, index)}`],
      ...(upload === undefined ? [] : ["--upload", `${upload}`]),
      ...(latency === undefined ? [] : ["--latency", `${latency}`]),
      ...(topology === undefined ? [] : ["--topology", topology, "--member", name]),
    ];
  }
}
