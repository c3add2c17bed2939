import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { IngestError } from "../ingest-error.ts";
import { SILENT_INGEST_LOG } from "../ingest-log.ts";
import { addControlApi, type ControlApiOptions } from "./control-api.ts";
import type { RunningStream } from "./run-stream.ts";
import { StreamHost } from "./stream-host.ts";

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** Streams that are always live, but for the port 1. */
async function start(guard?: ControlApiOptions["guard"]): Promise<string> {
  const host = new StreamHost({
    run: async ({ input, publishKey }): Promise<RunningStream> => {
      if (input?.endsWith(":1")) throw new IngestError("port-in-use", "port 1 is in use");
      return {
        publisher: { streamId: "x", descriptor: { isLive: true } } as never,
        publishKey,
        ended: new Promise(() => {}),
        async close() {},
      };
    },
    logOf: () => SILENT_INGEST_LOG,
  });
  const app = Fastify({ forceCloseConnections: true });
  const shared = { chunkMs: 200, seederUploadBps: 1 };
  addControlApi(app, { host, guard, shared, folder: "/srv" });
  open.push(app);
  return app.listen({ host: "127.0.0.1", port: 0 });
}

function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${url}/streams`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

const hall = { name: "hall", input: "publish://", publishKey: "correct-horse" };

describe("the control API", () => {
  it("adds, lists and removes streams", async () => {
    const url = await start();
    const added = await post(url, hall);
    expect(added.status).toBe(201);
    expect(added.headers.get("location")).toBe("/streams/hall");
    const report = {
      name: "hall",
      streamId: "x",
      title: "hall",
      input: "publish://",
      state: "live",
      problem: null,
      restarts: 0,
      publishPath: "/publish/correct-horse",
    };
    expect(await added.json()).toEqual(report);
    expect(await (await fetch(`${url}/streams`)).json()).toEqual([report]);
    expect(await (await fetch(`${url}/streams/hall`)).json()).toEqual(report);
    expect((await fetch(`${url}/streams/hall`, { method: "DELETE" })).status).toBe(204);
    expect((await fetch(`${url}/streams/hall`)).status).toBe(404);
    expect((await fetch(`${url}/streams/hall`, { method: "DELETE" })).status).toBe(404);
  });

  it.each([
    [{ name: "x y" }, 400, "config-invalid", "name: a name is 1 to 40 of a-z 0-9 -"],
    [["hall"], 400, "config-invalid", "Invalid input: expected object, received array"],
    [hall, 409, "name-taken", "there is a stream hall already"],
    [{ name: "b", input: "tcp-listen://127.0.0.1:1" }, 422, "port-in-use", "port 1 is in use"],
  ])("answers %j with %i and what is wrong", async (body, status, code, message) => {
    const url = await start();
    await post(url, hall);
    const answer = await post(url, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: { code, message } });
  });

  it("lets those in whom its guard lets in, from whatever page", async () => {
    const url = await start(async ({ headers }, reply) =>
      headers.authorization === "Bearer good" ? undefined : reply.code(401).send({}),
    );
    expect((await post(url, hall)).status).toBe(401);
    expect((await fetch(`${url}/streams`)).status).toBe(401);
    const headers = { authorization: "Bearer good", origin: "http://admin.example" };
    expect((await post(url, hall, headers)).status).toBe(201);
  });

  it("is not for web pages, whatever name they reach this machine by", async () => {
    const url = await start();
    const origin = "http://evil.example";
    expect((await post(url, hall, { origin })).status).toBe(403);
    const app = open[0] as FastifyInstance;
    const rebound = { url: "/streams", headers: { host: "evil.example:8090" } };
    expect((await app.inject(rebound)).statusCode).toBe(403);
    const here = { url: "/streams", headers: { host: "localhost:8090" } };
    expect((await app.inject(here)).statusCode).toBe(200);
  });
});
