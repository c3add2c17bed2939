import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTracker } from "./tracker.ts";

let directory: string;
let app: FastifyInstance;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "livemesh-pages-"));
});

afterEach(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

async function build(): Promise<void> {
  await mkdir(join(directory, "assets"));
  await writeFile(join(directory, "index.html"), "directory page");
  await writeFile(join(directory, "watch.html"), "watch page");
  await writeFile(join(directory, "dashboard.html"), "dashboard");
  await writeFile(join(directory, "livemesh-player.js"), "import './assets/player-1a2b.js'");
  await writeFile(join(directory, "assets", "player-1a2b.js"), "play()");
}

async function get(path: string) {
  app ??= Fastify();
  return app.inject({ url: path });
}

function start(): void {
  app = Fastify();
  createTracker(app, { pagesDirectory: directory });
}

describe("pages", () => {
  it.each([
    ["/", "directory page"],
    [`/watch/${"a".repeat(32)}`, "watch page"],
    ["/dashboard", "dashboard"],
  ])("at %s are asked for anew each time, with security headers", async (path, body) => {
    await build();
    start();
    const response = await get(path);
    expect(response.body).toBe(body);
    expect(response.headers["content-type"]).toMatch(/^text\/html/);
    expect(response.headers["cache-control"]).toBe("no-cache");
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
    expect(response.headers["referrer-policy"]).toBe("strict-origin-when-cross-origin");
    const policy = String(response.headers["content-security-policy"]);
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("media-src 'self' blob:");
    expect(policy).not.toContain("unsafe-eval");
  });

  it("have assets that may be kept for ever", async () => {
    await build();
    start();
    const response = await get("/assets/player-1a2b.js");
    expect(response.body).toBe("play()");
    expect(response.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it("are sent compressed to whoever takes it, if the build left a compressed copy", async () => {
    await build();
    const script = join(directory, "assets", "player-1a2b.js");
    await writeFile(`${script}.gz`, gzipSync("play()"));
    start();
    const url = "/assets/player-1a2b.js";
    const packed = await app.inject({ url, headers: { "accept-encoding": "gzip, deflate" } });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(packed.headers["content-type"]).toMatch(/javascript/);
    expect(packed.headers["cache-control"]).toContain("immutable");
    expect(gunzipSync(packed.rawPayload).toString()).toBe("play()");
    const plain = await app.inject({ url });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body).toBe("play()");
  });

  it.each(["/livemesh-player.js", "/assets/player-1a2b.js"])(
    "let other sites embed %s",
    async (path) => {
      await build();
      start();
      const response = await get(path);
      expect(response.statusCode).toBe(200);
      expect(response.headers["access-control-allow-origin"]).toBe("*");
      expect(response.headers["cross-origin-resource-policy"]).toBe("cross-origin");
    },
  );

  it.each(["/assets/../../package.json", "/assets/%2e%2e/%2e%2e/etc/passwd", "/.env"])(
    "do not leave their folder: %s",
    async (path) => {
      await build();
      start();
      expect((await get(path)).statusCode).toBeGreaterThanOrEqual(400);
    },
  );

  it("that are not built say what to do, and leave the API working", async () => {
    start();
    const response = await get("/");
    expect(response.statusCode).toBe(503);
    expect(response.body).toContain("npm run build");
    expect((await get("/api/streams")).json()).toEqual([]);
  });
});
