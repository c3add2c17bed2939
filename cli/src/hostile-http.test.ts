import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { limitConnections } from "./connection-limit.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { startServer } from "./serve-command.ts";
import { OPEN_SECURITY } from "./server-security.ts";
import { singleStream } from "./testing/single-stream.ts";

const log = pino({ level: "silent" });
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that says this and then takes its time. */
async function open(port: number, said = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  sockets.push(socket);
  await once(socket, "connect");
  socket.write(said);
  return socket;
}

/** Also where it ends in an error, as it does for whoever writes on. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    if (socket.closed) resolve(undefined);
    else socket.once("close", resolve);
  });
}

describe("a server with tracker, origin and pages", () => {
  let folder: string;
  let port: number;
  let streamId: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "livemesh-hostile-"));
    const server = await startServer({ ...singleStream(folder), graceSec: 60 });
    port = server.port;
    streamId = server.streams.reports[0]?.streamId ?? "";
    close = () => server.close();
  });
  afterAll(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  /** Exactly this path: `fetch` would tidy it up.
   * @throws When the server closes the connection instead. */
  async function get(path: string, method = "GET", headers = {}, body = "") {
    const asked = request({ host: "127.0.0.1", port, path, method, headers });
    asked.end(body);
    const [response] = await once(asked, "response");
    let text = "";
    for await (const part of response.setEncoding("utf8")) text += part;
    return { status: response.statusCode as number, text };
  }

  const UP = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "..;/", "%c0%ae%c0%ae/"];
  const PLACES = ["/", "/assets/", "/watch/", "/embed/", "/api/streams/", "/publish/"];

  it("gives nothing beside its folders, however it is asked", async () => {
    const own = [`/streams/${streamId}/`, `/streams/${streamId}/tracks/v0/chunks/`];
    const paths = [...PLACES, ...own].flatMap((place) =>
      UP.flatMap((up) => [
        `${place}${up.repeat(6)}etc/passwd`,
        `${place}${up}package.json`,
        `${place}${up.repeat(2)}package.json%00.html`,
      ]),
    );
    for (const path of paths) {
      const { status, text } = await get(path);
      expect(text, path).not.toMatch(/root:.*:0:0:|"devDependencies"/);
      // A watch page is a page, whatever is in its address.
      if (!path.startsWith("/watch/") && !path.startsWith("/embed/")) {
        expect(status, path).toBeGreaterThanOrEqual(400);
      }
    }
  });

  it.each(["-1", "1e9", "99999999999999999999", "0x10", "NaN", "__proto__", "constructor"])(
    "has no chunk, block, track or init segment %s",
    async (name) => {
      const tracks = `/streams/${streamId}/tracks`;
      for (const path of [
        `${tracks}/${name}/blocks/1`,
        `${tracks}/v0/blocks/${name}`,
        `${tracks}/v0/blocks/1/${name}`,
        `${tracks}/v0/chunks/${name}.m4s`,
        `${tracks}/v0/init/${name}.mp4`,
      ]) {
        expect([400, 404], path).toContain((await get(path)).status);
      }
    },
  );

  it("sends no more for ranges, many or mad, than the whole", async () => {
    const path = `/streams/${streamId}/descriptor`;
    const whole = await get(path);
    const many = Array.from({ length: 1000 }, () => "0-").join(",");
    for (const range of [`bytes=${many}`, "bytes=5-1", "bytes=-99999999999", "lines=1-2"]) {
      const { text } = await get(path, "GET", { range });
      expect(text.length, range.slice(0, 20)).toBeLessThanOrEqual(whole.text.length);
    }
  });

  it("refuses headers and bodies without end, and methods it does not have", async () => {
    const long = await get("/", "GET", { "x-long": "x".repeat(20_000) }).catch(() => undefined);
    expect([431, undefined], "answered so, or closed").toContain(long?.status);
    const json = { "content-type": "application/json" };
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const answer = get("/api/streams", method, json, "x".repeat(100_000));
      const status = await answer.then(
        (one) => one.status,
        () => "closed",
      );
      expect(status === "closed" || Number(status) >= 400, method).toBe(true);
    }
    expect((await get("/healthz")).status).toBe(200);
  });
});

describe("a server whose clients take their time", () => {
  it("ends requests that never end, and answers the others meanwhile", async () => {
    const app = createHttpServer(log, OPEN_SECURITY, 500);
    app.get("/", async () => "here");
    const port = await listen(app, "127.0.0.1", 0);
    const slow = await Promise.all(
      Array.from({ length: 200 }, () => open(port, "GET / HTTP/1.1\r\nhost: a\r\nx-slow: ")),
    );
    const trickle = setInterval(() => {
      for (const socket of slow) socket.write("x");
    }, 100);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
    await Promise.all(slow.map(closed));
    clearInterval(trickle);
    await app.close();
  });

  it("has room for so many connections of one address, again once some are closed", async () => {
    const server = createServer((_request, response) => response.end("here"));
    limitConnections(server, { perAddress: 20, isExempt: () => false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const held = await Promise.all(Array.from({ length: 20 }, () => open(port)));
    const answer = () =>
      fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } }).then(
        ({ status }) => status,
        () => "refused",
      );
    expect(await answer()).toBe("refused");
    const [first] = held;
    const gone = new Promise((resolve) => server.once("connection", resolve));
    first?.destroy();
    await expect.poll(answer).toBe(200);
    await gone;
    server.close();
    server.closeAllConnections();
  });
});
