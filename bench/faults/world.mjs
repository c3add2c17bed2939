import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort, hasRedis, RedisServer } from "../../dist/signaling/testing/redis-server.js";
import { TcpProxy } from "../../dist/signaling/testing/tcp-proxy.js";
import { freePorts } from "../load/processes.mjs";
import { residentBytes } from "../tracker/process-meter.mjs";

const UP_WITHIN_MS = 60_000;

/** Encoder, ingest, tracker and Redis, each a process that can be killed and started again where it was, and
 * viewers. */
export class World {
  #processes;
  #ports;
  #redis;
  #origin;
  #running = new Map();

  static async start(processes, viewerCount, ...more) {
    if (!hasRedis) throw new Error("needs redis-server, which is not installed here");
    const world = new World();
    world.#processes = processes;
    const [tracker, ingest, encoder] = await freePorts(3);
    world.#ports = { tracker, ingest, encoder, webrtc: await freePort() };
    world.#redis = await RedisServer.start();
    world.#origin = await TcpProxy.start(() => ingest);
    world.start("tracker");
    await world.#process("tracker").says(/http:\/\/127\.0\.0\.1:\d+/);
    world.start("ingest");
    const [watchUrl] = await world.#process("ingest").says(/http:\S+\/watch\/[a-z2-7]{32}/);
    world.start("encoder");
    world.watchUrl = watchUrl;
    world.#running.set(
      "viewers",
      processes.start("bench/faults/viewers.mjs", [watchUrl, `${viewerCount}`, ...more]),
    );
    await world.until(({ leastDelivered }) => leastDelivered > 25, "viewers that play");
    return world;
  }

  get recording() {
    return join(this.#processes.folder, "recording");
  }

  /** The viewers' newest figures. */
  get figures() {
    const lines = this.#process("viewers").output().trim().split("\n");
    return JSON.parse(lines.findLast((line) => line.endsWith("}")) ?? "{}");
  }

  /** Resident memory of what is ours, in MB. */
  memoryMb() {
    const names = ["tracker", "ingest", "viewers"];
    return Object.fromEntries(
      names.map((name) => [name, Math.round(residentBytes(this.#process(name).pid) / 1e6)]),
    );
  }

  pidOf(name) {
    return this.#process(name).pid;
  }

  async until(isMet, what) {
    const endMs = Date.now() + UP_WITHIN_MS;
    while (!isMet(this.figures)) {
      if (Date.now() > endMs)
        throw new Error(`${what} did not come: ${JSON.stringify(this.figures)}`);
      await wait(100);
    }
    return this.figures;
  }

  start(name) {
    const { tracker, ingest, encoder, webrtc } = this.#ports;
    const logs = ["--log-level", "warn"];
    const programs = {
      tracker: ["tracker", "--port", `${tracker}`, "--redis", this.#redis.url, ...logs],
      ingest: [
        ...["ingest", `http://127.0.0.1:${tracker}`, "--port", `${ingest}`, ...logs],
        ...["--webrtc-port", `${webrtc}`, "--input", `tcp-listen://127.0.0.1:${encoder}`],
        ...["--origin-url", `http://127.0.0.1:${this.#origin.port}`, "--record", this.recording],
      ],
    };
    const child =
      name === "encoder"
        ? this.#processes.start("bench/faults/encoder-loop.mjs", [`tcp://127.0.0.1:${encoder}`])
        : this.#processes.livemesh(...programs[name]);
    this.#running.set(name, child);
  }

  /** Like a power cut. */
  async kill(name) {
    if (name === "redis") await this.#redis.kill();
    else if (name === "origin") this.#origin.pause();
    else await this.#process(name).kill("SIGKILL");
  }

  async restart(name) {
    if (name === "redis") return this.#redis.restart();
    if (name === "origin") return this.#origin.resume();
    this.start(name);
    if (name === "tracker") await this.#process(name).says(/http:\/\/127\.0\.0\.1:\d+/);
    if (name === "ingest") await this.#process(name).says(/\/watch\/[a-z2-7]{32}/);
    return undefined;
  }

  async stop() {
    await this.#origin?.stop();
    await this.#redis?.stop();
  }

  #process(name) {
    return this.#running.get(name);
  }
}
