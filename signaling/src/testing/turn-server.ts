import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { ensureTool } from "../../../scripts/ensure-tool.mjs";
import { freePort } from "./redis-server.ts";

const program = ensureTool("turnserver", (line) => process.stderr.write(`${line}\n`));

/** For `describe.skipIf`: without coturn, and without the right to install it, tests are skipped. */
export const hasTurn = program !== undefined;

/** A real coturn on a free port, which knows peers by credentials that end. */
export class TurnServer {
  readonly url: string;
  readonly #process: ChildProcess;
  #said = "";

  static async start(secret: string): Promise<TurnServer> {
    const port = await freePort();
    const args = [
      ...["-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${port}`],
      ...["--use-auth-secret", `--static-auth-secret=${secret}`, "--realm=livemesh"],
      ...["--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers", "--log-file=stdout"],
      ...["--fingerprint", "--pidfile=/dev/null", "--verbose"],
    ];
    const server = new TurnServer(port, spawn(program ?? "", args, { stdio: "pipe" }));
    await server.#until(/UDP listener opened on/);
    return server;
  }

  private constructor(port: number, child: ChildProcess) {
    this.url = `turn:127.0.0.1:${port}?transport=udp`;
    this.#process = child;
    for (const output of [child.stdout, child.stderr]) {
      output?.on("data", (text: Buffer) => {
        this.#said += text;
      });
    }
  }

  /** Its log so far: who allocated what, and who was refused. */
  get log(): string {
    return this.#said;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  /** @throws {Error} With what it said, when it ends before. */
  #until(what: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (what.test(this.#said)) resolve();
      };
      this.#process.stdout?.on("data", look);
      this.#process.once("exit", () => reject(new Error(`coturn did not start:\n${this.#said}`)));
      look();
    });
  }
}
