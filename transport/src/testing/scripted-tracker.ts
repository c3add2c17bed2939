import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import type { ClientMessageName } from "#protocol";

/** What the tracker answers to one message; undefined says nothing at all. */
export type Script = (message: unknown, socket: Socket) => unknown;

export type HeardMessage = { name: ClientMessageName; message: unknown; socketId: string };

/** A tracker that says what the test tells it to: right, wrong or nothing. */
export class ScriptedTracker {
  readonly heard: HeardMessage[] = [];
  scripts: Partial<Record<ClientMessageName, Script>> = {};
  #server: Server | undefined;
  #port = 0;
  readonly #waiting = new Set<() => void>();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the port it had before, if it had one. */
  async start(): Promise<void> {
    const http = createServer();
    const server = new Server(http);
    this.#server = server;
    server.on("connection", (socket) => {
      this.#look();
      socket.onAny((name: ClientMessageName, message: unknown, reply: unknown) => {
        this.heard.push({ name, message, socketId: socket.id });
        const answer = this.scripts[name]?.(message, socket);
        if (answer !== undefined && typeof reply === "function") reply(answer);
        this.#look();
      });
      socket.on("disconnect", () => this.#look());
    });
    await new Promise<void>((resolve) => http.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  get socketCount(): number {
    return this.#server?.engine.clientsCount ?? 0;
  }

  sockets(): Socket[] {
    return [...(this.#server?.of("/").sockets.values() ?? [])];
  }

  count(name: ClientMessageName): number {
    return this.heard.filter((one) => one.name === name).length;
  }

  last(name: ClientMessageName): HeardMessage | undefined {
    return this.heard.findLast((one) => one.name === name);
  }

  /** Resolves as soon as something heard makes `condition` true. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
