import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTool } from "../../../scripts/ensure-tool.mjs";

const program = ensureTool("redis-server", (line) => process.stderr.write(`${line}\n`));

/** For `describe.skipIf`: without Redis, and without the right to install it, tests are skipped. */
export const hasRedis = program !== undefined;

/** A real Redis on a free port, which keeps nothing over a restart. */
export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "livemesh-redis-"));
  #process: ChildProcess | undefined;

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.restart();
    return server;
  }

  private constructor(port: number) {
    this.port = port;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Start it, or start it again, empty, on the same port. */
  async restart(): Promise<void> {
    await this.kill();
    const options = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.#folder];
    this.#process = spawn(program ?? "", [...options, "--save", "", "--appendonly", "no"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    for await (const part of this.#process.stdout ?? []) {
      said += part;
      if (said.includes("Ready to accept connections")) break;
    }
    if (!said.includes("Ready to accept")) throw new Error(`redis-server did not start:\n${said}`);
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = once(running, "exit");
    running.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
