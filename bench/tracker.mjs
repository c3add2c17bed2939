#!/usr/bin/env node
// `npm run bench:tracker`: what one tracker carries, and what three on one Redis carry. Real processes
// and real sockets; this process is the load generator, apart from what is measured.
import { parseArgs } from "node:util";
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { cpuMs, residentBytes } from "./tracker/process-meter.mjs";
import { quantile } from "./tracker/quantile.mjs";
import { startRedis, startTracker } from "./tracker/servers.mjs";
import { SwarmLoad } from "./tracker/swarm-load.mjs";

const HELP = `npm run bench:tracker -- [options]

  --peers <n>   peers that stay on the one tracker (default: 10000)
  --joins <n>   joins per tracker for the comparison of one with three (default: 1500)
  --json        a line of JSON instead of a table`;

const JOINS_PER_SECOND = 200;
const RELAYS_PER_SECOND = 1000;
const RELAY_SECONDS = 8;
const TARGETS = { peers: 10_000, answerP99Ms: 100, bytesPerPeer: 15_000, relays: 1000, scale: 2.2 };

const { values } = parseArgs({
  options: {
    peers: { type: "string", default: "10000" },
    joins: { type: "string", default: "1500" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) console.log(HELP);
else await main(Number(values.peers), Number(values.joins));

async function main(peers, joins) {
  const around = circumstances();
  const one = await measureOne(peers);
  const alone = await measureJoins(1, joins, false);
  const three = await measureJoins(3, joins, true);
  const result = { ...around, ...one, ...scaling(alone, three) };
  if (values.json) console.log(JSON.stringify(result));
  else console.log(`${table(result)}\n\n${circumstancesLine(around)}`);
}

/** Many peers on one tracker: answers while they come, memory when they are there, signals. */
async function measureOne(peers) {
  const tracker = await startTracker();
  const load = new SwarmLoad();
  try {
    await load.publish(tracker.url);
    // Compiled code and grown buffers are no peer's: they are there before the first one counts.
    await load.joinAtRate(tracker.url, peers / 5, JOINS_PER_SECOND);
    await pause(2000);
    const before = {
      bytes: residentBytes(tracker.pid),
      cpuMs: cpuMs(tracker.pid),
      size: load.size,
    };
    const answers = await load.joinAtRate(tracker.url, peers - load.size, JOINS_PER_SECOND);
    const joinCpuMs = (cpuMs(tracker.pid) - before.cpuMs) / answers.length;
    // The collector has had its turn when nothing is asked for a while.
    await pause(8000);
    const bytesPerPeer = (residentBytes(tracker.pid) - before.bytes) / (load.size - before.size);
    const beforeRelays = cpuMs(tracker.pid);
    const relayed = await load.relayAtRate(RELAYS_PER_SECOND * RELAY_SECONDS, RELAYS_PER_SECOND);
    await pause(500);
    return {
      peers: load.size,
      answerMs: spread(answers),
      joinCpuMs,
      bytesPerPeer,
      relays: {
        perSecond: RELAYS_PER_SECOND,
        arrived: relayed.arrived() / (RELAYS_PER_SECOND * RELAY_SECONDS),
        refused: relayed.refused,
        answerMs: spread(relayed.answers),
        cpuMs: (cpuMs(tracker.pid) - beforeRelays) / (RELAYS_PER_SECOND * RELAY_SECONDS),
      },
    };
  } finally {
    load.close();
    await tracker.stop();
  }
}

/** CPU that a join costs each process, when as many as possible come. */
async function measureJoins(trackerCount, joinsEach, isClustered) {
  const redis = isClustered ? await startRedis() : undefined;
  const args = redis === undefined ? [] : ["--redis", redis.url];
  const trackers = [];
  for (let i = 0; i < trackerCount; i++) trackers.push(await startTracker(args));
  const load = new SwarmLoad();
  const urls = trackers.map(({ url }) => url);
  const count = joinsEach * trackerCount;
  try {
    await load.publish(urls[0]);
    await pause(500);
    await load.joinAll(urls, count / 5, 20);
    await pause(500);
    const pids = [...trackers.map(({ pid }) => pid), ...(redis ? [redis.pid] : [])];
    const before = pids.map(cpuMs);
    const startedAtMs = performance.now();
    await load.joinAll(urls, count, 20);
    const wallMs = performance.now() - startedAtMs;
    await pause(1000);
    const used = pids.map((pid, index) => cpuMs(pid) - before[index]);
    return {
      count,
      wallMs,
      trackerCpuMs: used.slice(0, trackerCount),
      redisCpuMs: used[trackerCount] ?? 0,
    };
  } finally {
    load.close();
    for (const tracker of trackers) await tracker.stop();
    await redis?.stop();
  }
}

/**
 * Where each process has a core of its own, the busiest one sets the pace. Here they share what there is,
 * so the pace is taken from CPU time, not from the clock.
 */
function scaling(alone, three) {
  const pace = ({ count, trackerCpuMs, redisCpuMs }) =>
    (1000 * count) / Math.max(...trackerCpuMs, redisCpuMs);
  return {
    oneJoinsPerCpuSecond: pace(alone),
    threeJoinsPerCpuSecond: pace(three),
    scale: pace(three) / pace(alone),
    redisCpuMsPerJoin: three.redisCpuMs / three.count,
    wall: { one: (1000 * alone.count) / alone.wallMs, three: (1000 * three.count) / three.wallMs },
  };
}

function table({ peers, answerMs, joinCpuMs, bytesPerPeer, relays, ...scale }) {
  const rows = [
    ["peers on one tracker", peers, `≥ ${TARGETS.peers}`],
    [
      `join answer at ${JOINS_PER_SECOND}/s, p50 / p95 / p99`,
      `${ms(answerMs.p50)} / ${ms(answerMs.p95)} / ${ms(answerMs.p99)} ms`,
      `p99 ≤ ${TARGETS.answerP99Ms} ms`,
    ],
    ["CPU of a join", `${joinCpuMs.toFixed(2)} ms`, ""],
    [
      "memory a peer",
      `${(bytesPerPeer / 1000).toFixed(1)} KB`,
      `≤ ${TARGETS.bytesPerPeer / 1000} KB`,
    ],
    [
      `signals at ${relays.perSecond}/s: arrived, answer p99`,
      `${(100 * relays.arrived).toFixed(2)} %, ${ms(relays.answerMs.p99)} ms`,
      `${TARGETS.relays}/s`,
    ],
    ["CPU of a signal", `${relays.cpuMs.toFixed(3)} ms`, ""],
    ["joins per CPU second, one tracker", scale.oneJoinsPerCpuSecond.toFixed(0), ""],
    [
      "the same, three on one Redis",
      `${scale.threeJoinsPerCpuSecond.toFixed(0)} (${scale.scale.toFixed(2)} times)`,
      `≥ ${TARGETS.scale} times`,
    ],
    ["CPU of Redis a join", `${scale.redisCpuMsPerJoin.toFixed(3)} ms`, ""],
    [
      "joins a second by the clock, one / three",
      `${scale.wall.one.toFixed(0)} / ${scale.wall.three.toFixed(0)}`,
      "",
    ],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => `${row[column]}`.length)));
  const line = (row) => row.map((cell, column) => `${cell}`.padEnd(widths[column])).join("  ");
  return rows.map(line).join("\n");
}

function spread(values) {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95), p99: quantile(values, 0.99) };
}

function ms(value) {
  return value.toFixed(value < 10 ? 1 : 0);
}

function pause(durationMs) {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
