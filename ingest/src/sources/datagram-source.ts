import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { type DatagramFormat, DatagramInbox, type DatagramInboxOptions } from "./datagram-inbox.ts";
import { listenError } from "./listen-error.ts";
import { isMulticast, membershipInterface } from "./multicast.ts";
import type { HostAndPort } from "./parse-address.ts";
import { WakeUp } from "./wake-up.ts";

export type DatagramSourceOptions = DatagramInboxOptions & {
  /** Name or address of the network interface to join a multicast group on. */
  networkInterface?: string | undefined;
};

/** What the kernel keeps while we are busy, if it may: a key frame of 20 Mbit/s comes in a burst. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/** A UDP port, or a multicast group, that one encoder at a time sends MPEG-TS to. */
export class DatagramSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #address: HostAndPort;
  readonly #format: DatagramFormat;
  readonly #options: DatagramSourceOptions;

  constructor(
    readonly name: string,
    address: HostAndPort,
    format: DatagramFormat,
    options: DatagramSourceOptions = {},
  ) {
    this.#address = address;
    this.#format = format;
    this.#options = options;
  }

  /** @throws {IngestError} `port-in-use` or `address-unavailable`, at the first pull. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    const inbox = new DatagramInbox(this.name, this.#format, this.#options);
    const wakeUp = new WakeUp();
    const socket = this.#createSocket();
    socket.on("message", (bytes, { address, port }) => {
      inbox.receive(
        bytes,
        `${isIPv6(address) ? `[${address}]` : address}:${port}`,
        performance.now(),
      );
      wakeUp.wake();
    });
    signal.addEventListener("abort", wakeUp.wake);
    let alarm: NodeJS.Timeout | undefined;
    try {
      yield { type: "waiting", message: await this.#listen(socket) };
      while (!signal.aborted) {
        const event = inbox.next();
        if (event !== undefined) {
          yield event;
          continue;
        }
        const { wakeAtMs } = inbox;
        if (Number.isFinite(wakeAtMs)) {
          alarm = setTimeout(wakeUp.wake, Math.max(1, wakeAtMs - performance.now()));
        }
        await wakeUp.wait();
        clearTimeout(alarm);
        inbox.tick(performance.now());
      }
    } finally {
      clearTimeout(alarm);
      signal.removeEventListener("abort", wakeUp.wake);
      socket.close();
    }
  }

  #createSocket(): Socket {
    const { host } = this.#address;
    const socket = createSocket({
      type: isIPv6(host) ? "udp6" : "udp4",
      // Any number of receivers of one machine may be in a group.
      reuseAddr: isMulticast(host),
      recvBufferSize: SOCKET_BUFFER_BYTES,
    });
    // An error from here on is one datagram's: nobody to tell.
    socket.on("error", () => {});
    return socket;
  }

  /** @returns What to say about it. */
  async #listen(socket: Socket): Promise<string> {
    const { host, port } = this.#address;
    try {
      // Bound to the group, where the system can, the socket hears nothing that was sent elsewhere.
      const isAnyAddress = isMulticast(host) && process.platform === "win32";
      socket.bind({ port, ...(isAnyAddress ? {} : { address: host }), exclusive: true });
      await once(socket, "listening");
      if (isMulticast(host)) {
        socket.addMembership(host, membershipInterface(host, this.#options.networkInterface));
      }
    } catch (error) {
      throw listenError(this.name, error);
    }
    const { protocol } = new URL(this.name);
    const shownHost = isIPv6(host) ? `[${host}]` : host;
    return `waiting for an encoder on ${protocol}//${shownHost}:${socket.address().port}`;
  }
}
