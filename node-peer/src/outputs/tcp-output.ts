import { connect, type Socket } from "node:net";
import type { PeerLog } from "../peer-log.ts";
import { PieceWriter } from "../restream/piece-writer.ts";
import type { Output, OutputContext } from "./output.ts";
import { parseOutputAddress } from "./output-registry.ts";

export const TCP_FORM = "tcp://HOST:PORT";

/** First and longest pause between tries, in ms. */
const RETRY_MS = { min: 500, max: 5000 };

/** The transport stream to a listening host, again and again when the connection is lost. */
export class TcpOutput implements Output {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS.min;
  #isAway = false;
  #isClosed = false;

  /** @throws {NodePeerError} `bad-output` */
  constructor(readonly name: string) {
    const { host, port } = parseOutputAddress(name, TCP_FORM);
    this.#host = host;
    this.#port = port;
  }

  async open(context: OutputContext): Promise<void> {
    this.#connect(context);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.end();
    this.#socket?.unref();
  }

  #connect(context: OutputContext): void {
    const { restreamer, log } = context;
    const socket = connect(this.#port, this.#host);
    this.#socket = socket;
    let reason = "closed by the receiver";
    let detach = () => {};
    socket.on("error", ({ message }) => {
      reason = message;
    });
    socket.once("connect", () => {
      log.info({ output: this.name }, "output connected");
      this.#isAway = false;
      this.#retryMs = RETRY_MS.min;
      detach = restreamer.ts.attach(new PieceWriter(socket));
    });
    // Whatever the receiver says is not listened to, but its end has to be heard.
    socket.resume();
    socket.once("close", () => {
      detach();
      if (this.#isClosed) return;
      this.#sayAway(log, reason);
      this.#retry = setTimeout(() => this.#connect(context), this.#retryMs);
      this.#retryMs = Math.min(RETRY_MS.max, this.#retryMs * 1.5);
    });
  }

  #sayAway(log: PeerLog, reason: string): void {
    if (!this.#isAway) log.warn({ output: this.name, reason }, "output not reachable, trying on");
    this.#isAway = true;
  }
}
