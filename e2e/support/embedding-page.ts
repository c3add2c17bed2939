import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, Page } from "@playwright/test";
import type { RunningStream } from "./livemesh.ts";
import { Viewer } from "./viewer.ts";

export type EmbeddingOptions = {
  /** Attributes of the player besides `src`. */
  attributes?: string;
  /** Before the player's script. */
  head?: string;
  /** Around the player. */
  style?: string;
  /** Of the page, not of the player's server. */
  policy?: string;
  /** `livemesh-player.js` or `livemesh-player.min.js`. */
  script?: string;
  lang?: string;
};

/** Somebody else's page, on an origin of its own, with a player on it. */
export class EmbeddingPage {
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async serve(
    { baseUrl, watchUrl }: Pick<RunningStream, "baseUrl" | "watchUrl">,
    options: EmbeddingOptions = {},
  ): Promise<EmbeddingPage> {
    const { script = "livemesh-player.js", attributes = "autoplay muted" } = options;
    const type = script.endsWith(".min.js") ? "defer" : 'type="module"';
    const html = `<!doctype html><html lang="${options.lang ?? "en"}"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Somebody's page</title><link rel="stylesheet" href="/style.css">${options.head ?? ""}
      <script ${type} src="${baseUrl}/${script}"></script></head><body><main>
      <h1>Somebody's page</h1><livemesh-player src="${watchUrl}" ${attributes}></livemesh-player>
      </main></body></html>`;
    const server = createServer((request, response) => {
      const isStyle = request.url === "/style.css";
      if (options.policy !== undefined) {
        response.setHeader("content-security-policy", options.policy);
      }
      response.setHeader("content-type", isStyle ? "text/css" : "text/html");
      response.end(isStyle ? (options.style ?? "") : html);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new EmbeddingPage(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a page said to the tracker, and the peer connections it made. */
export class Leaks {
  readonly sent: string[] = [];
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => this.sent.push(String(payload)));
    });
  }

  /** To be called before the page is opened. */
  static async watch(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      const counted = globalThis as unknown as { connectionsMade: number };
      counted.connectionsMade = 0;
      globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          counted.connectionsMade++;
        }
      };
    });
  }

  /** Candidates that left, in SDP or by themselves: `typ host`, `typ srflx` … */
  get candidates(): string[] {
    return this.sent.flatMap((frame) =>
      [...frame.matchAll(/typ (\w+)/g)].map(([, kind]) => kind ?? ""),
    );
  }

  connectionsMade(): Promise<number> {
    return this.#page.evaluate(
      () => (globalThis as unknown as { connectionsMade: number }).connectionsMade,
    );
  }
}

export async function openEmbedded(
  context: BrowserContext,
  url: string,
): Promise<{ viewer: Viewer; leaks: Leaks }> {
  await Leaks.watch(context);
  const page = await context.newPage();
  const leaks = new Leaks(page);
  await page.goto(url);
  return { viewer: new Viewer(page), leaks };
}
