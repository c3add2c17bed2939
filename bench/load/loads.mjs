import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { CLIP_SECONDS, loadClip } from "./load-clip.mjs";
import { costOf, freePorts, Processes, until } from "./processes.mjs";

const SETTLE_MS = 8000;
const SPAN_MS = 20_000;
const INGESTS = 20;
const CHILDREN = 8;
const FED = 100;

/** What whole processes cost, by name: each gives its figures and what they are to be at most. */
export const LOADS = {
  async ingests() {
    return {
      what: `${INGESTS} ingests of 3 Mbit/s in one process, over TCP`,
      figures: await ingests(INGESTS, {}),
      bounds: { cpuPercent: 100 },
      // Five of the picture and five of the sound.
      least: { chunksPerSecond: 9.5 * INGESTS },
    };
  },

  /** Without, with, and without again: what else the machine does changes meanwhile. */
  async recording() {
    const before = await ingests(INGESTS, {});
    const recorded = await ingests(INGESTS, { isRecorded: true });
    const after = await ingests(INGESTS, {});
    const plainPercent = (before.cpuPercent + after.cpuPercent) / 2;
    const addedPercent = Number((100 * (recorded.cpuPercent / plainPercent - 1)).toFixed(1));
    return {
      what: `what recording adds to the processor time of ${INGESTS} ingests`,
      figures: {
        without: before.cpuPercent,
        with: recorded.cpuPercent,
        withoutAgain: after.cpuPercent,
        addedPercent,
      },
      bounds: { addedPercent: 5 },
    };
  },

  async copy() {
    return {
      what: "from the encoder to the chunk of 200 ms: MPEG-TS over TCP",
      figures: await (await import("./delays.mjs")).copyDelays(),
      bounds: { medianMs: 200 + 50 },
    };
  },

  async rtmp() {
    return {
      what: "from the encoder to the chunk of 200 ms: RTMP, through ffmpeg",
      figures: await (await import("./delays.mjs")).rtmpDelays(),
      bounds: { medianMs: 600 },
    };
  },

  async peer() {
    const links = { seeder: ["peer0"], peer0: [] };
    for (let child = 1; child <= CHILDREN; child++) links.peer0.push(`peer${child}`);
    const cost = await stream(3e6, links, async (processes, watchUrl, topology) => {
      const start = (name, upload) =>
        processes.livemesh(
          ...["peer", watchUrl, "--ip", "127.0.0.1", "--upload", upload, "--json"],
          ...["--topology", topology, "--member", name],
        );
      const measured = start("peer0", "100");
      for (const name of links.peer0) await start(name, "1").says(/"neighbors":1/);
      await wait(SETTLE_MS);
      return costOf(measured.pid, SPAN_MS);
    });
    return {
      what: `a headless peer at 3 Mbit/s that feeds ${CHILDREN} others`,
      figures: cost,
      bounds: { cpuPercent: 10, memoryMb: 120 },
    };
  },

  /** Fewer first: on few cores the receivers fill the machine, and what it costs to feed one tells more. */
  async seeder() {
    const few = await feed(FED / 5);
    const many = await feed(FED);
    return {
      what: `one seeder that feeds ${FED} peers of Node 2.5 Mbit/s each, and a fifth of them`,
      figures: {
        ...many,
        fifthCpuPercent: few.cpuPercent,
        fifthDeliveredMbit: few.deliveredMbit,
        fifthReceiversCpuPercent: few.receiversCpuPercent,
      },
      bounds: { cpuPercent: 100 },
      least: { deliveredMbit: 0.95 * FED * 2.5 },
    };
  },
};

/** Cost of a seeder that alone feeds so many, who do nothing with it. */
function feed(count) {
  const links = { seeder: Array.from({ length: count }, (_, index) => `peer${index}`) };
  return stream(2.5e6, links, async (processes, watchUrl, _, ingestPid) => {
    const peers = processes.start("bench/load/cheap-peers.mjs", [watchUrl, `${count}`]);
    await peers.says(new RegExp(`linked=${count} `));
    await wait(SETTLE_MS);
    const linesBefore = peers.output().split("\n").length;
    const [cost, receivers] = await Promise.all([
      costOf(ingestPid, SPAN_MS),
      costOf(peers.pid, SPAN_MS),
    ]);
    const lines = peers.output().split("\n").slice(linesBefore);
    const rates = lines.map((line) => Number(/mbit=(\d+)/.exec(line)?.[1])).filter(Number.isFinite);
    const deliveredMbit = Math.round(rates.reduce((sum, rate) => sum + rate, 0) / rates.length);
    const linked = Number(/linked=(\d+)/.exec(lines.at(-2) ?? "")?.[1]);
    return { ...cost, deliveredMbit, linked, receiversCpuPercent: receivers.cpuPercent };
  });
}

/** Cost of one process with so many streams, each sent to a TCP port of its own. */
function ingests(count, { isRecorded = false }) {
  const clip = loadClip(3e6);
  return Processes.run(async (processes) => {
    const ports = await freePorts(count);
    const config = join(processes.folder, "streams.json");
    const streams = ports.map((port, index) => ({
      name: `stream-${index}`,
      input: `tcp-listen://127.0.0.1:${port}`,
      ...(isRecorded ? { record: `recording-${index}` } : {}),
    }));
    writeFileSync(config, JSON.stringify({ streams }));
    const options = ["--port", "0", "--log-level", "warn"];
    const server = processes.livemesh("serve", "--config", config, ...options);
    const [, url] = await server.says(/Streams: +(http:\S+)/);
    processes.start("bench/load/senders.mjs", [clip, `${CLIP_SECONDS}`, ...ports.map(String)]);
    const live = async () => {
      const listed = await (await fetch(`${url}api/streams`)).json();
      return listed.filter((one) => one.live).length === count;
    };
    await until(live, `${count} live streams`);
    await wait(SETTLE_MS);
    const chunks = async () => {
      const { streams: all } = await (await fetch(`${url}api/stats`)).json();
      return all.reduce((sum, one) => sum + one.chunks, 0);
    };
    const [before, startMs] = [await chunks(), performance.now()];
    const cost = await costOf(server.pid, SPAN_MS);
    const seconds = (performance.now() - startMs) / 1000;
    return { ...cost, chunksPerSecond: Math.round(((await chunks()) - before) / seconds) };
  });
}

/** A stream of this rate whose peers are linked as stated. */
function stream(bps, links, body) {
  const clip = loadClip(bps);
  return Processes.run(async (processes) => {
    const [port] = await freePorts(1);
    const topology = join(processes.folder, "topology.json");
    writeFileSync(topology, JSON.stringify({ links }));
    const tracker = processes.livemesh("tracker", "--port", "0", "--log-level", "warn");
    const [trackerUrl] = await tracker.says(/http:\/\/127\.0\.0\.1:\d+/);
    const ingest = processes.livemesh(
      ...["ingest", trackerUrl, "--port", "0", "--webrtc-port", "0", "--log-level", "warn"],
      ...["--input", `tcp-listen://127.0.0.1:${port}`, "--seeder-upload", "1000"],
      ...["--seeder-copies", `${links.seeder.length}`, "--topology", topology],
    );
    const [watchUrl] = await ingest.says(/http:\S+\/watch\/[a-z2-7]{32}/);
    processes.start("bench/load/senders.mjs", [clip, `${CLIP_SECONDS}`, `${port}`]);
    return body(processes, watchUrl, topology, ingest.pid);
  });
}
