import type { PeerLog } from "../peer-log.ts";
import type { Restreamer } from "../restream/restreamer.ts";

/** What an output works with. */
export type OutputContext = {
  restreamer: Restreamer;
  log: PeerLog;
  /** The reader has gone for good: what the peer runs for is over. */
  onReaderGone: () => void;
};

/** A place the stream is written to for as long as the peer runs. Never slows the peer. */
export interface Output {
  /** As given on the command line. */
  readonly name: string;
  /** @throws {NodePeerError} `bad-output` when it is clear already that it will not work. */
  open(context: OutputContext): Promise<void>;
  /** What was written is complete. */
  close(): Promise<void>;
}

/** What the command line says of outputs beside their names. */
export type OutputOptions = {
  /** How many routers multicast passes. Default 1: this network only. */
  ttl?: number | undefined;
  /** Name or address of the network interface multicast leaves by. */
  networkInterface?: string | undefined;
};

/** One way out: the scheme of an output, and what makes one of it. */
export type OutputKind = {
  /** What an output begins with, before the colon; `"-"` and `none` stand for themselves. */
  scheme: string;
  /** How it is written, for people: `tcp://HOST:PORT`. */
  form: string;
  /** One line of help. */
  summary: string;
  /**
   * Opens nothing yet.
   * @throws {NodePeerError} `bad-output` when it is not of the form.
   */
  create(name: string, options: OutputOptions): Output;
};
