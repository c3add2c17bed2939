import { io, type Socket } from "socket.io-client";
import type { ClientToTracker, TrackerToClient } from "#protocol";

/** One socket.io client; answers are promises, unasked messages can be awaited. */
export class TestClient {
  readonly socket: Socket<TrackerToClient, ClientToTracker>;

  private constructor(url: string, extraHeaders: Record<string, string>) {
    this.socket = io(url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      extraHeaders,
    });
  }

  /** @throws When the tracker does not let it in. */
  static connect(url: string, headers: Record<string, string> = {}): Promise<TestClient> {
    const client = new TestClient(url, headers);
    return new Promise((resolve, reject) => {
      client.socket.once("connect", () => resolve(client));
      client.socket.once("connect_error", reject);
    });
  }

  get id(): string {
    return this.socket.id ?? "";
  }

  /** Any message, valid or not; resolves to the tracker's answer. */
  ask(name: string, message: unknown): Promise<Record<string, unknown>> {
    const untyped = this.socket as unknown as Socket;
    return untyped.timeout(5000).emitWithAck(name, message);
  }

  /** Any message whose answer, if there is one, is not waited for. */
  say(name: string, ...args: unknown[]): void {
    (this.socket as unknown as Socket).emit(name, ...args);
  }

  next(name: keyof TrackerToClient | "disconnect"): Promise<unknown> {
    return new Promise((resolve) => (this.socket as unknown as Socket).once(name, resolve));
  }

  close(): void {
    this.socket.disconnect();
  }
}
