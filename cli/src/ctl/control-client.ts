import type { ControlStream } from "#protocol/control";
import { UsageError } from "../usage-error.ts";

export type ControlClientOptions = {
  /** Of the tracker, `http://host:port`. */
  server: string;
  /** Good for `admin`, where the tracker asks for one. */
  token: string | undefined;
};

/** How long the tracker may take, in ms. */
const TIMEOUT_MS = 10_000;

/** The tracker's control API. What it says no to is a {@link UsageError} in its own words. */
export class ControlClient {
  readonly #options: ControlClientOptions;

  constructor(options: ControlClientOptions) {
    this.#options = options;
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await this.#ask(method, path, body)).json() as Promise<T>;
  }

  async text(path: string): Promise<string> {
    return (await this.#ask("GET", path)).text();
  }

  /**
   * The id of a stream that was named by the beginning of it.
   * @throws {UsageError} When none, or several, begin so.
   */
  async streamId(prefix: string): Promise<string> {
    if (prefix.length === 32) return prefix;
    const streams = await this.json<ControlStream[]>("GET", "/streams");
    const found = streams.filter(({ id }) => id.startsWith(prefix));
    const [one] = found;
    if (found.length === 1 && one !== undefined) return one.id;
    throw new UsageError(
      found.length === 0
        ? `no stream begins with "${prefix}"; \`livemesh ctl streams\` lists them`
        : `${found.length} streams begin with "${prefix}"; name more of it`,
    );
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response> {
    const { server, token } = this.#options;
    let response: Response;
    try {
      response = await fetch(`${server}/api/control${path}`, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new UsageError(`no tracker answers at ${server}; --server names it`, { cause });
    }
    if (!response.ok) throw new UsageError(await problemOf(response));
    return response;
  }
}

async function problemOf(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => undefined)) as
    | { error?: { message?: unknown } }
    | undefined;
  const message = answer?.error?.message;
  const words = typeof message === "string" ? message.replace(/\s+/g, " ") : response.statusText;
  const isRefused = response.status === 401 || response.status === 403;
  return `the tracker says no (${response.status}): ${words}${isRefused ? "; --token takes one of `livemesh token admin`" : ""}`;
}
