import { connect } from "node:net";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { type ConnectionOptions, keepConnecting } from "./keep-connecting.ts";
import type { HostAndPort } from "./parse-address.ts";
import { DEFAULT_SILENCE_MS, guardSilence } from "./silence.ts";
import { readSlices } from "./slices.ts";

/** A TCP server that sends MPEG-TS; connected to for ever, with growing pauses while it is away. */
export class TcpSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #address: HostAndPort;
  readonly #options: ConnectionOptions;

  constructor(
    readonly name: string,
    address: HostAndPort,
    options: ConnectionOptions = {},
  ) {
    this.#address = address;
    this.#options = options;
  }

  events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    const read = () => this.#read(signal);
    return keepConnecting(this.name, { description: this.name, read }, signal, this.#options);
  }

  #read(signal: AbortSignal): AsyncIterable<Uint8Array> {
    const socket = connect({ ...this.#address, keepAlive: true, noDelay: true });
    guardSilence(socket, this.#options.silenceMs ?? DEFAULT_SILENCE_MS);
    return readSlices(socket, signal);
  }
}
