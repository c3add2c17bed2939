import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { PeerLog } from "../peer-log.ts";
import type { Piece } from "../restream/piece.ts";
import type { PieceSink } from "../restream/piece-stream.ts";
import type { Output, OutputContext, OutputOptions } from "./output.ts";
import { badOutput, parseOutputAddress } from "./output-registry.ts";

export const UDP_FORM = "udp://HOST:PORT";

/** Seven TS packets: what fits an Ethernet frame, and what receivers expect. */
const DATAGRAM_BYTES = 7 * 188;
/** Pause between two bursts, in ms, and in how many bursts what waits is sent: a chunk comes all at
 * once, and would overrun receivers' buffers at once, too. */
const BURST_PAUSE_MS = 5;
const BURSTS = 16;
/** Datagrams that may wait: 8 MiB. */
const WAITING_MAX = 6400;

/** The transport stream in datagrams, to one host or a multicast group. */
export class UdpOutput implements Output, PieceSink {
  readonly #host: string;
  readonly #port: number;
  readonly #options: OutputOptions;
  #address = "";
  #socket: Socket | undefined;
  #log: PeerLog | undefined;
  #waiting: Uint8Array[] = [];
  #isInStep = false;
  #timer: NodeJS.Timeout | undefined;
  #detach: () => void = () => {};
  #lastProblem = "";

  /** @throws {NodePeerError} `bad-output` */
  constructor(
    readonly name: string,
    options: OutputOptions,
  ) {
    const { host, port } = parseOutputAddress(name, UDP_FORM);
    this.#host = host;
    this.#port = port;
    this.#options = options;
  }

  async open({ restreamer, log }: OutputContext): Promise<void> {
    this.#log = log;
    const { address, family } = await this.#resolve();
    this.#address = address;
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    this.#socket = socket;
    socket.bind(0);
    await once(socket, "listening");
    socket.on("error", (error) => this.#complain(error));
    if (isMulticast(address)) this.#routeMulticast(socket, family);
    this.#detach = restreamer.ts.attach(this);
  }

  async close(): Promise<void> {
    this.#detach();
    clearInterval(this.#timer);
    this.#socket?.close();
  }

  begin(): void {}

  write({ bytes, isEntry }: Piece): void {
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting = [];
      this.#isInStep = false;
    }
    this.#isInStep ||= isEntry;
    if (!this.#isInStep) return;
    for (let at = 0; at < bytes.length; at += DATAGRAM_BYTES) {
      this.#waiting.push(bytes.subarray(at, at + DATAGRAM_BYTES));
    }
    this.#timer ??= setInterval(() => this.#sendBurst(), BURST_PAUSE_MS);
  }

  end(): void {}

  #sendBurst(): void {
    const count = Math.max(8, Math.ceil(this.#waiting.length / BURSTS));
    for (const datagram of this.#waiting.splice(0, count)) {
      this.#socket?.send(datagram, this.#port, this.#address, (error) => {
        if (error !== null) this.#complain(error);
      });
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #resolve(): Promise<{ address: string; family: number }> {
    try {
      return await lookup(this.#host);
    } catch (cause) {
      throw badOutput(this.name, `no host of the name ${this.#host} is known`, { cause });
    }
  }

  #routeMulticast(socket: Socket, family: number): void {
    const { ttl = 1, networkInterface } = this.#options;
    socket.setMulticastTTL(ttl);
    if (networkInterface === undefined) return;
    const address = interfaceAddress(networkInterface, family);
    try {
      if (address !== undefined) {
        socket.setMulticastInterface(address);
        return;
      }
    } catch {
      // Said below.
    }
    socket.close();
    const names = Object.keys(networkInterfaces()).join(", ");
    throw badOutput(this.name, `no interface ${networkInterface}; this machine has ${names}`);
  }

  /** A receiver that is not there is no reason to stop: datagrams are sent to whoever listens. */
  #complain({ message }: Error): void {
    if (message === this.#lastProblem) return;
    this.#lastProblem = message;
    this.#log?.warn({ output: this.name }, `datagrams are not sent: ${message}`);
  }
}

function isMulticast(address: string): boolean {
  const first = Number(address.split(".")[0]);
  return isIP(address) === 6 ? /^ff/i.test(address) : first >= 224 && first <= 239;
}

function interfaceAddress(nameOrAddress: string, family: number): string | undefined {
  if (isIP(nameOrAddress) !== 0) return nameOrAddress;
  const addresses = networkInterfaces()[nameOrAddress];
  if (addresses === undefined) return undefined;
  if (family === 6) return `::%${nameOrAddress}`;
  return addresses.find((candidate) => candidate.family === "IPv4")?.address;
}
