import Fastify, { type FastifyInstance } from "fastify";
import { answerError, setErrorAnswers } from "../api-error.ts";
import { createTracker, type Tracker, type TrackerOptions } from "../tracker.ts";
import { testPeerId } from "./peer-ids.ts";
import { TestClient } from "./test-client.ts";
import type { TestPublisher } from "./test-publisher.ts";

/** A tracker on a free port of this machine, and clients that are gone when it is. */
export class TestTracker {
  readonly app: FastifyInstance;
  readonly tracker: Tracker;
  readonly url: string;
  readonly #clients: TestClient[] = [];

  static async start(options: TrackerOptions = {}): Promise<TestTracker> {
    const app = Fastify({ forceCloseConnections: true, frameworkErrors: answerError });
    setErrorAnswers(app);
    const tracker = createTracker(app, options);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return new TestTracker(app, tracker, url);
  }

  private constructor(app: FastifyInstance, tracker: Tracker, url: string) {
    this.app = app;
    this.tracker = tracker;
    this.url = url;
  }

  async connect(headers: Record<string, string> = {}): Promise<TestClient> {
    const client = await TestClient.connect(this.url, headers);
    this.#clients.push(client);
    return client;
  }

  /** One that has published the stream. */
  async publisher(by: TestPublisher, token?: string): Promise<TestClient> {
    const client = await this.connect();
    await client.ask("publish", { ...by.publishMessage(client.id), token });
    return client;
  }

  /** What a viewer of that number is answered; its socket stays. */
  async announce(by: TestPublisher, number: number, more: Record<string, unknown> = {}) {
    const client = await this.connect();
    const { streamId } = by;
    const message = { streamId, peerId: testPeerId(number), role: "viewer", want: 8, ...more };
    return { client, reply: await client.ask("announce", message) };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await this.app.close();
  }
}
