import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { EncoderConnection } from "./encoder-connection.ts";
import { listenError } from "./listen-error.ts";
import type { HostAndPort } from "./parse-address.ts";
import { DEFAULT_SILENCE_MS } from "./silence.ts";
import { WakeUp } from "./wake-up.ts";

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
    const wakeUp = new WakeUp();
    let encoder: EncoderConnection | undefined;
    let refused: string | undefined;
    const server = createServer({ keepAlive: true, noDelay: true }, (socket) => {
      if (signal.aborted || (encoder !== undefined && !encoder.isSilent)) {
        // One warning at most is kept: who knocks all the time must not fill memory.
        refused = describeRemote(socket);
        socket.destroy();
      } else {
        // Who has sent nothing yet does not keep an encoder out.
        encoder?.destroy();
        encoder = new EncoderConnection(socket, this.#silenceMs, wakeUp.wake);
      }
      wakeUp.wake();
    });
    const abort = () => {
      server.close();
      encoder?.destroy();
      wakeUp.wake();
    };
    signal.addEventListener("abort", abort);
    try {
      yield { type: "waiting", message: await this.#listen(server) };
      while (!signal.aborted) {
        if (refused !== undefined) {
          const message = `${this.name}: refused a second encoder, ${refused}: one is live already`;
          refused = undefined;
          yield { type: "warning", message };
        }
        const event = encoder?.next();
        // Free for the next encoder before anybody hears that this one went.
        if (encoder?.isGone) encoder = undefined;
        if (event !== undefined) yield event;
        else await wakeUp.wait();
      }
    } finally {
      signal.removeEventListener("abort", abort);
      abort();
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

function describeRemote({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? "gone"}:${remotePort ?? "?"}`;
}
