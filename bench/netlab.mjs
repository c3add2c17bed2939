#!/usr/bin/env node
// `npm run netlab`: viewers in network namespaces of their own, each behind an uplink of a stated rate (tc tbf).
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { Processes } from "./load/processes.mjs";
import { Namespaces } from "./netlab/namespaces.mjs";

const HELP = `npm run netlab -- [options]

  --uplinks <list>  of the viewers, in Mbit/s (default: 0.5,1,2,2,4,4,8,8)
  --source <n>      uplink of the source, in Mbit/s (default: 4)
  --seconds <n>     that are measured (default: 60)
  --json            a line of JSON instead of a table`;
const TRACKER_PORT = 8080;
const WARM_MS = 15_000;

const { values } = parseArgs({
  options: {
    uplinks: { type: "string", default: "0.5,1,2,2,4,4,8,8" },
    source: { type: "string", default: "4" },
    seconds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const problem = Namespaces.problem();
if (values.help) console.log(HELP);
else if (problem !== undefined) console.log(`netlab skipped: ${problem}`);
else
  await main(
    values.uplinks.split(",").map(Number),
    Number(values.source),
    1000 * Number(values.seconds),
  );

async function main(uplinks, sourceMbit, forMs) {
  const around = circumstances();
  const net = new Namespaces();
  try {
    const result = await Processes.run((processes) =>
      measure(processes, net, uplinks, sourceMbit, forMs),
    );
    if (values.json) console.log(JSON.stringify({ ...around, uplinks, sourceMbit, ...result }));
    else console.log(`${table(result, uplinks, sourceMbit)}\n\n${circumstancesLine(around)}`);
  } finally {
    net.close();
  }
}

async function measure(processes, net, uplinks, sourceMbit, forMs) {
  const source = net.add(sourceMbit);
  const server = processes.run(net.command(source, "bin/livemesh.js"), [
    ...["serve", "--host", source.address, "--port", `${TRACKER_PORT}`, "--insecure"],
    ...["--seeder-upload", `${sourceMbit}`],
  ]);
  const [watchUrl] = await server.says(/http:\S+\/watch\/[a-z2-7]{32}/);
  const peers = uplinks.map((uplinkMbit) => {
    const place = net.add(uplinkMbit);
    const args = ["peer", watchUrl, "--ip", place.address, "--json", "--latency", "3000"];
    return processes.run(net.command(place, "bin/livemesh.js"), [
      ...args,
      "--upload",
      `${uplinkMbit}`,
    ]);
  });
  for (const peer of peers) await peer.says(/"neighbors":[1-9]/);
  await wait(WARM_MS);
  const before = peers.map(lastLine);
  await wait(forMs);
  const viewers = peers.map(lastLine).map((after, i) => {
    const since = (read) => read(after) - read(before[i]);
    const delivered = since(({ chunks }) => chunks.delivered);
    const missed = since(({ chunks }) => chunks.missed);
    const peersBytes = since(({ bytes }) => bytes.fromPeers);
    const sourceBytes = since(({ bytes }) => bytes.fromSeeder + bytes.fromOrigin);
    return {
      continuity: delivered / (delivered + missed),
      latencyMs: after.latencyMs,
      fromPeers: peersBytes / (peersBytes + sourceBytes),
      sentMbit: (8 * since(({ bytes }) => bytes.uploaded)) / forMs / 1000,
      sourceBytes,
      bytes: peersBytes + sourceBytes,
    };
  });
  const copy = viewers.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const copies = viewers.reduce((sum, { sourceBytes }) => sum + sourceBytes, 0) / copy;
  return { viewers, copies };
}

function table({ viewers, copies }, uplinks, sourceMbit) {
  const rows = viewers.map(({ continuity, latencyMs, fromPeers, sentMbit }, i) => {
    const cells = [`${uplinks[i]}`.padStart(6), `${(100 * continuity).toFixed(2)} %`.padStart(11)];
    cells.push(`${latencyMs} ms`.padStart(8), `${Math.round(100 * fromPeers)} %`.padStart(10));
    return [...cells, `${sentMbit.toFixed(2)} Mbit/s`.padStart(12)].join(" ");
  });
  return [
    `source with ${sourceMbit} Mbit/s up sent ${copies.toFixed(2)} copies to ${viewers.length} viewers`,
    "uplink  continuity  latency from peers         sent",
    ...rows,
  ].join("\n");
}

function lastLine(peer) {
  return JSON.parse(
    peer
      .output()
      .trim()
      .split("\n")
      .findLast((line) => line.endsWith("}")) ?? "{}",
  );
}
