import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const BIN = fileURLToPath(new URL("../../bin/livemesh.js", import.meta.url));
/** These run what was built: `npm run check` builds first. */
const isBuilt = existsSync(new URL("../../dist/cli/main.js", import.meta.url));

let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-cli-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

function start(args: readonly string[], bin = BIN) {
  const child = spawn(process.execPath, [bin, ...args], {
    // Its home is the test's folder, so that no key is made in a real one.
    env: { ...process.env, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const exit = once(child, "close").then(([code]) => code as number | null);
  const says = async (what: RegExp) => {
    for await (const _ of onOutput(child)) if (what.test(output.stdout)) return;
    throw new Error(`ended without saying ${what}: ${output.stdout}${output.stderr}`);
  };
  return { child, output, exit, says };
}

async function* onOutput(child: ChildProcess) {
  yield;
  for await (const _ of child.stdout ?? []) yield;
}

async function run(args: readonly string[], bin = BIN) {
  const { exit, output } = start(args, bin);
  return { code: await exit, ...output };
}

describe.skipIf(!isBuilt)("livemesh", () => {
  it("says its version and its help", async () => {
    expect(await run(["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
    const help = await run(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const command of ["serve", "tracker", "ingest"]) expect(help.stdout).toContain(command);
    const serve = await run(["serve", "--help"]);
    expect(serve.stdout).toMatch(/tcp-listen:\/\/[\s\S]*Examples:/);
  });

  it("does not mind a reader that goes away", async () => {
    const { child, exit, output } = start(["serve", "--help"]);
    child.stdout?.destroy();
    expect(await exit).toBe(0);
    expect(output.stderr).toBe("");
  });

  it.each([
    [["serve", "--nonsense"], /unknown option '--nonsense'/],
    [["dance"], /unknown command 'dance'/],
    [[], /a command is needed/],
    [["serve", "--port", "x"], /--port <port>.*whole number/],
    [
      ["serve", "--host", "203.0.113.99", "--port", "0", "--insecure"],
      /203\.0\.113\.99 is no address/,
    ],
    [["serve", "--host", "0.0.0.0", "--port", "0"], /lets the network in.*--token-key.*--insecure/],
    [["tracker", "--redis", "redis://127.0.0.1:1", "--port", "0"], /--redis: no Redis at redis:/],
    [["ingest", "nowhere"], /http:\/\//],
  ])("answers %j in one line and with exit code 2", async (args, problem) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^livemesh: [^\n]+\n$/);
    expect(stderr).toMatch(problem);
  });

  it("says which port is in use, of both kinds", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const tcp = await run(["tracker", "--port", String(port)]);
    expect(tcp.code).toBe(2);
    expect(tcp.stderr).toMatch(new RegExp(`^livemesh: port ${port} .*in use.*--port\n$`));
    other.close();

    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    await once(socket, "listening");
    const udp = await run(["serve", "--port", "0", "--webrtc-port", String(port)]);
    expect(udp.code).toBe(2);
    expect(udp.stderr).toMatch(new RegExp(`^livemesh: UDP port ${port} .*--webrtc-port\n$`));
    socket.close();
  });

  it("says which input cannot be opened", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const taken = await run(["serve", "--port", "0", "--input", `tcp-listen://127.0.0.1:${port}`]);
    other.close();
    const missing = await run(["serve", "--port", "0", "--input", "no-such-film.ts"]);
    const unknown = await run(["serve", "--port", "0", "--input", "gopher://127.0.0.1"]);
    for (const { code, stdout, stderr } of [taken, missing, unknown]) {
      expect(stderr).toMatch(/^livemesh: [^\n]+\n$/);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    }
    expect(taken.stderr).toContain(`${port}`);
    expect(missing.stderr).toContain("no-such-film.ts");
    expect(unknown.stderr).toContain("supported are");
  });

  it("says what is wrong with a key", async () => {
    const file = join(folder, "key.pem");
    await writeFile(file, "hello");
    const bad = await run(["serve", "--port", "0", "--key", file]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/^livemesh: .*key\.pem is no private key[^\n]*\n$/);
    await mkdir(join(folder, "directory"));
    const unreadable = await run(["serve", "--port", "0", "--key", join(folder, "directory")]);
    expect(unreadable.code).toBe(2);
    expect(unreadable.stderr).toMatch(/^livemesh: cannot read the key[^\n]*\n$/);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints the watch URL, and ends in order on %s",
    async (signal) => {
      const { child, output, exit, says } = start(["serve", "--port", "0"]);
      await says(/Watch:/);
      expect(output.stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/watch\/[a-z2-7]{32}\n/);
      expect(output.stdout).toContain("this machine only");
      const beforeMs = performance.now();
      child.kill(signal);
      expect(await exit).toBe(0);
      expect(performance.now() - beforeMs).toBeLessThan(2000);
      expect(existsSync(join(folder, ".livemesh", "publisher-key.pem"))).toBe(true);
    },
  );

  it("reports in JSON, one line for each thing that happens, where nobody watches", async () => {
    const { child, output, exit, says } = start(["tracker", "--port", "0"]);
    await says(/Tracker:/);
    child.kill("SIGTERM");
    await exit;
    const lines = output.stderr.trim().split("\n");
    expect(lines.length).toBeLessThan(5);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("msg");
  });
});

describe("bin/livemesh.js", () => {
  it("says what to do when nothing is built", async () => {
    const bin = join(folder, "bin", "livemesh.js");
    await mkdir(join(folder, "bin"));
    await copyFile(BIN, bin);
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    const { code, stderr } = await run([], bin);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^livemesh: not built yet; run "npm run build" in [^\n]+\n$/);
  });
});
