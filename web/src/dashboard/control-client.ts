const KEY = "livemesh-admin-token";

/** What the server said no to, in its own words; status 0: it does not answer. */
export class ControlRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ControlRefusal";
    this.status = status;
  }
}

/** The control API of the server this page is from. The token lives as long as the tab. */
export class ControlClient {
  #token = readToken();

  set token(token: string) {
    this.#token = token;
    try {
      sessionStorage.setItem(KEY, token);
    } catch {
      // Storage may be forbidden; then it is asked for again after a reload.
    }
  }

  get<T>(path: string): Promise<T> {
    return this.#json("GET", path);
  }

  change<T>(method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
    return this.#json(method, path, body);
  }

  /** For files to keep. */
  async file(path: string): Promise<Blob> {
    return (await this.#ask("GET", path)).blob();
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await this.#ask(method, path, body)).json() as Promise<T>;
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await reach(`/api/control${path}`, {
      method,
      headers: {
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const answer = (await response.json().catch(() => undefined)) as
      | { error?: { message?: unknown } }
      | undefined;
    const message = answer?.error?.message;
    throw new ControlRefusal(
      response.status,
      typeof message === "string" ? message : `the server answered ${response.status}`,
    );
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    const message = "The server does not answer. Trying again…";
    throw Object.assign(new ControlRefusal(0, message), { cause });
  }
}

/** Of this tab, or behind the `#` of the address, where no server sees it. */
function readToken(): string | undefined {
  const shown = new URLSearchParams(location.hash.slice(1)).get("token");
  try {
    return shown ?? sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return shown ?? undefined;
  }
}
