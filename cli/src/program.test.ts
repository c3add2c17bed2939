import { CommanderError } from "commander";
import { beforeEach, describe, expect, it } from "vitest";
import { describeProblem } from "./base-program.ts";
import { createProgram } from "./program.ts";

let called: unknown[];
beforeEach(() => {
  called = [];
});

function program() {
  const record =
    (name: string) =>
    async (...args: unknown[]) => {
      called = [name, ...args];
    };
  return createProgram({
    serve: record("serve"),
    tracker: record("tracker"),
    ingest: record("ingest"),
    peer: record("peer"),
    swarm: record("swarm"),
    token: record("token"),
  });
}

function parse(line: string): Promise<unknown> {
  return program().parseAsync(line.split(" ").filter(Boolean), { from: "user" });
}

async function problemOf(line: string): Promise<string | undefined> {
  try {
    await parse(line);
  } catch (error) {
    if (error instanceof CommanderError) return describeProblem(error);
    throw error;
  }
  return undefined;
}

describe("command line", () => {
  it("has defaults for everything", async () => {
    await parse("serve");
    expect(called).toEqual([
      "serve",
      {
        port: 8080,
        host: "127.0.0.1",
        logLevel: "info",
        loop: false,
        slate: false,
        title: "Live",
        chunkMs: 200,
        seederUpload: 50,
        seederCopies: 1,
        controlHost: "127.0.0.1",
        grace: 60,
        protect: ["publish", "watch", "admin"],
        insecure: false,
        trustProxy: false,
        stun: [],
        turn: [],
        drain: 0,
        metricsHost: "127.0.0.1",
      },
    ]);
  });

  it("takes all options of serve", async () => {
    await parse(
      "serve --input tcp://a:1 --loop --title T --port 0 --host 0.0.0.0 --chunk-ms 100 " +
        "--webrtc-port 9 --seeder-upload 2.5 --seeder-copies 9 --key k.pem --log-level debug --grace 5 --trust-proxy " +
        "--token-key t.key --protect publish,admin --on-watch http://a/w --on-publish http://a/p " +
        "--allow-origin https://a.example/,http://b.example:81 --insecure --tls-cert c --tls-key k " +
        "--stun stun:s:1 --turn turn:t:1 --turn turns:t:2 --turn-secret env:TURN",
    );
    expect(called[1]).toMatchObject({
      input: "tcp://a:1",
      loop: true,
      title: "T",
      port: 0,
      host: "0.0.0.0",
      chunkMs: 100,
      webrtcPort: 9,
      seederUpload: 2.5,
      seederCopies: 9,
      key: "k.pem",
      logLevel: "debug",
      grace: 5,
      trustProxy: true,
      tokenKey: "t.key",
      protect: ["publish", "admin"],
      onWatch: "http://a/w",
      onPublish: "http://a/p",
      allowOrigin: ["https://a.example", "http://b.example:81"],
      insecure: true,
      tlsCert: "c",
      tlsKey: "k",
      stun: ["stun:s:1"],
      turn: ["turn:t:1", "turns:t:2"],
      turnSecret: "env:TURN",
    });
  });

  it("takes what inputs need", async () => {
    await parse("serve --input publish:// --publish-key 12345678 --interface lo --ffmpeg /bin/f");
    expect(called[1]).toMatchObject({
      input: "publish://",
      publishKey: "12345678",
      interface: "lo",
      ffmpeg: "/bin/f",
    });
  });

  it("reads standard input by a dash", async () => {
    await parse("serve --input -");
    expect(called[1]).toMatchObject({ input: "-" });
  });

  it("needs the tracker's address for an ingest of its own", async () => {
    await parse("ingest http://tracker.example:8080/ --origin-url http://a.example");
    expect(called).toMatchObject([
      "ingest",
      "http://tracker.example:8080",
      { port: 8081, originUrl: "http://a.example" },
    ]);
    expect(await problemOf("ingest")).toMatch(/missing required argument 'tracker-url'/);
  });

  it("makes tokens for what, whom and how long it is told", async () => {
    const id = "a".repeat(32);
    await parse(`token watch --token-key k --stream ${id} --uses 2 --life 10m --origin https://a`);
    expect(called).toMatchObject([
      "token",
      "watch",
      { tokenKey: "k", stream: id, uses: 2, life: 600, origin: ["https://a"] },
    ]);
    expect(await problemOf("token dance")).toMatch(/publish, watch, admin are known/);
    expect(await problemOf("token watch --life 32d")).toMatch(/from 1s to 31d/);
    expect(await problemOf("token watch --stream x")).toMatch(/32 characters/);
  });

  it("says what can be protected, and what a page's origin is", async () => {
    expect(await problemOf("serve --protect all")).toMatch(/some of publish, watch, admin/);
    expect(await problemOf("serve --allow-origin a.example")).toMatch(/http:\/\/ or https:\/\//);
    expect(await problemOf("serve --turn coturn")).toMatch(/turn:host:port/);
  });

  it("reads times of a swarm with and without a unit, into ms", async () => {
    await parse("swarm 3 a.ts --duration 90 --kill-every 1.5s");
    expect(called).toMatchObject(["swarm", 3, "a.ts", { duration: 90_000, killEvery: 1500 }]);
    await parse("swarm 3 a.ts --duration 2m --kill-every 500ms");
    expect(called[3]).toMatchObject({ duration: 120_000, killEvery: 500 });
  });

  it("reads how much to keep, by time and by size", async () => {
    await parse("serve --dvr 15m --record recordings --record-max 1.5GB,7d");
    expect(called[1]).toMatchObject({
      dvr: 900_000,
      record: "recordings",
      recordMax: { maxBytes: 1.5e9, maxAgeMs: 604_800_000 },
    });
  });

  it.each([
    ["", "a command is needed"],
    ["dance", "unknown command 'dance'"],
    ["serve --inptu x", "unknown option '--inptu' (Did you mean --input?)"],
    ["serve extra", "too many arguments"],
    ["serve --port", "argument missing"],
    ["serve --port 70000", "a whole number from 0 to 65535 is needed"],
    ["serve --port 80x", "a whole number"],
    ["serve --chunk-ms 5", "a whole number from 50 to 2000 is needed"],
    ["serve --seeder-upload fast", "a number of Mbit/s"],
    ["serve --seeder-upload -1", "a number of Mbit/s"],
    ["serve --seeder-copies 0", "a whole number from 1 to 250 is needed"],
    ["serve --seeder-copies 251", "a whole number from 1 to 250 is needed"],
    ["serve --dvr 15", "a time from 1m to 12h is needed"],
    ["serve --dvr 13h", "a time from 1m to 12h is needed"],
    ["serve --record-max 5", "a size from 100MB, an age from 1m or both are needed"],
    ["serve --record-max 10GB,soon", "a size from 100MB, an age from 1m or both are needed"],
    ["serve --publish-key short", "8 to 100 of the characters"],
    ["serve --publish-key slash/slash", "8 to 100 of the characters"],
    ["serve --log-level loud", "Allowed choices are silent, error, warn, info, debug"],
    [`serve --title ${"x".repeat(201)}`, "1 to 200 characters"],
    ["ingest ftp://tracker", "an http:// or https:// address is needed"],
    ["peer", "missing required argument 'watch-url'"],
    ["swarm", "missing required argument 'peers'"],
    ["swarm 3", "missing required argument 'media'"],
    ["swarm many a.ts", "a whole number from 0 to 1000 is needed"],
    ["swarm 1001 a.ts", "a whole number from 0 to 1000 is needed"],
    ["swarm 3 a.ts --rate 0", "a whole number from 1 to 1000000 is needed"],
    ["swarm 3 a.ts --kill-every 0s", "a time from 100ms to 168h is needed"],
    ["swarm 3 a.ts --duration 5d", "a time from 100ms to 168h is needed"],
    ["peer http://a/watch/b --latency 50", "a whole number from 200 to 30000 is needed"],
    ["tracker --input x", "unknown option '--input'"],
  ])("answers %j in one line", async (line, problem) => {
    const answer = await problemOf(line);
    expect(answer).toContain(problem);
    expect(answer).not.toContain("\n");
    expect(called).toEqual([]);
  });

  it.each(["serve", "tracker", "ingest", "peer", "swarm"])(
    "explains every option of %s, with defaults",
    (name) => {
      const command = program().commands.find((one) => one.name() === name);
      const help = command?.helpInformation() ?? "";
      for (const option of command?.options ?? []) {
        expect(help).toContain(option.flags);
        expect(option.description.length).toBeGreaterThan(10);
        const hasDefault = option.defaultValue !== undefined && option.defaultValue !== false;
        if (hasDefault) expect(help).toMatch(/default: /);
      }
      expect(help).toMatch(/Usage: livemesh/);
    },
  );
});
