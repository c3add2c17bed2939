import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { type ConnectionOptions, keepConnecting } from "./keep-connecting.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { DEFAULT_SILENCE_MS, guardSilence } from "./silence.ts";
import { readSlices } from "./slices.ts";

/** Redirects followed in a row. A guess: load balancers need one or two. */
const REDIRECTS_MAX = 5;

/** MPEG-TS as the endless body of an HTTP answer; asked for again whenever it ends. */
export class HttpSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly name: string;
  readonly #url: URL;
  readonly #options: ConnectionOptions;

  constructor(url: URL, options: ConnectionOptions = {}) {
    this.name = maskSecrets(url.href);
    this.#url = url;
    this.#options = options;
  }

  events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    const read = () => this.#read(signal);
    return keepConnecting(this.name, { description: this.name, read }, signal, this.#options);
  }

  async *#read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const answer = await this.#open(signal);
    yield* readSlices(answer, signal);
  }

  async #open(signal: AbortSignal): Promise<IncomingMessage> {
    let url = this.#url;
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const answer = await this.#ask(url, signal);
      const { statusCode = 0, statusMessage, headers } = answer;
      if (statusCode === 200) return answer;
      answer.destroy();
      const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
      if (!isRedirect) throw new Error(`the server answered ${statusCode} ${statusMessage}`);
      url = redirected(url, headers.location ?? "");
    }
    throw new Error(`the server redirects more than ${REDIRECTS_MAX} times`);
  }

  async #ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    // A connection of its own: a stream does not end where another request could follow.
    const options = { agent: false, signal, headers: { accept: "video/mp2t, */*" } };
    const request = url.protocol === "https:" ? https.get(url, options) : http.get(url, options);
    let answer: IncomingMessage | undefined;
    request.on("error", () => {});
    request.on("socket", (socket) => {
      guardSilence(socket, this.#options.silenceMs ?? DEFAULT_SILENCE_MS, {
        get readableLength() {
          return answer?.readableLength ?? 0;
        },
        destroy: (error) => (answer ?? request).destroy(error),
      });
    });
    [answer] = (await once(request, "response")) as [IncomingMessage];
    return answer;
  }
}

/** A password is for the server it was given for. */
function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol)) {
    throw new Error("the server redirects to what is no http(s) address");
  }
  if (to.origin === from.origin) {
    to.username ||= from.username;
    to.password ||= from.password;
  }
  return to;
}
