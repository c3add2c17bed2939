import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { EncoderGate } from "./encoder-gate.ts";
import { listenError } from "./listen-error.ts";
import type { HostAndPort } from "./parse-address.ts";
import { DEFAULT_SILENCE_MS, guardSilence } from "./silence.ts";

export type TcpListenSourceOptions = {
  /** How long an encoder may send nothing before it is given up, in ms. */
  silenceMs?: number;
};

/**
 * A TCP server for one encoder at a time. While one is live others are refused; the next one after
 * it continues.
 */
export class TcpListenSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #address: HostAndPort;
  readonly #silenceMs: number;

  constructor(
    readonly name: string,
    address: HostAndPort,
    { silenceMs = DEFAULT_SILENCE_MS }: TcpListenSourceOptions = {},
  ) {
    this.#address = address;
    this.#silenceMs = silenceMs;
  }

  /** @throws {IngestError} `port-in-use` or `address-unavailable`, at the first pull. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    const gate = new EncoderGate(this.name);
    const server = createServer({ keepAlive: true, noDelay: true }, (socket) => {
      guardSilence(socket, this.#silenceMs);
      if (signal.aborted || !gate.admit(socket, describeRemote(socket))) socket.destroy();
    });
    const close = () => server.close();
    signal.addEventListener("abort", close);
    try {
      yield { type: "waiting", message: await this.#listen(server) };
      yield* gate.events(signal);
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }

  /** @returns What to say about it. */
  async #listen(server: Server): Promise<string> {
    const { host, port } = this.#address;
    try {
      server.listen({ host, port });
      await once(server, "listening");
    } catch (error) {
      throw listenError(this.name, error);
    }
    // An error from here on is one connection that could not be accepted (no file handles left).
    server.on("error", () => {});
    return `waiting for an encoder on ${describeAddress(server)}`;
  }
}

function describeAddress(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") return String(address);
  const { family, address: host, port } = address;
  return `tcp://${family === "IPv6" ? `[${host}]` : host}:${port}`;
}

/** Address and port at the other end. */
export function describeRemote({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? "gone"}:${remotePort ?? "?"}`;
}
