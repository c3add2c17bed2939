import { type Access, type AccessRequest, ALLOWED, refusal, type Verdict } from "./access.ts";

export type WebhookOptions = {
  url: string;
  /** Longest wait for an answer, in ms; afterwards the answer is no. Default 3000. */
  timeoutMs?: number;
  /** Questions under way at once; more are refused. Default 200: bounds sockets and memory. */
  inFlightMax?: number;
};

/**
 * Asks somebody else's server by `POST`: a status of 200 to 299 is yes, everything else, no answer
 * included, is no. A body `{ "message": "…" }` is what the refused one is told.
 */
export class WebhookAccess implements Pick<Access, "check"> {
  readonly #options: Required<WebhookOptions>;
  #inFlight = 0;

  constructor(options: WebhookOptions) {
    this.#options = { timeoutMs: 3000, inFlightMax: 200, ...options };
  }

  async check(request: AccessRequest): Promise<Verdict> {
    if (this.#inFlight >= this.#options.inFlightMax) {
      return refusal("too many are asking at once, try again in a few seconds");
    }
    this.#inFlight++;
    try {
      return await this.#ask(request);
    } catch {
      return refusal("the server that decides who may come in does not answer");
    } finally {
      this.#inFlight--;
    }
  }

  async #ask(request: AccessRequest): Promise<Verdict> {
    const response = await fetch(this.#options.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      redirect: "error",
      signal: AbortSignal.timeout(this.#options.timeoutMs),
    });
    if (response.ok) {
      await response.body?.cancel();
      return ALLOWED;
    }
    return refusal((await messageIn(response)) ?? `not allowed to ${request.action} here`);
  }
}

const MESSAGE_MAX = 200;

/** Its own words, one line of them. */
async function messageIn(response: Response): Promise<string | undefined> {
  const length = Number(response.headers.get("content-length") ?? 0);
  if (!(length > 0 && length < 10_000)) {
    await response.body?.cancel();
    return undefined;
  }
  try {
    const { message } = (await response.json()) as { message?: unknown };
    return typeof message === "string" ? message.split("\n")[0]?.slice(0, MESSAGE_MAX) : undefined;
  } catch {
    return undefined;
  }
}
