// Many headless peers in one process, each linked to the seeder alone: many-peers.mjs URL COUNT
import { memberPeerId, statedTopology } from "../../dist/mesh/topology/index.js";
import { HeadlessPeer, SILENT_PEER_LOG } from "../../dist/node-peer/index.js";

const [watchUrl, count] = process.argv.slice(2);
const names = Array.from({ length: Number(count) }, (_, index) => `peer${index}`);
const links = { seeder: names };
const peers = await Promise.all(
  names.map((name) =>
    HeadlessPeer.start({
      watchUrl,
      port: 0,
      ip: "127.0.0.1",
      uploadBps: 0,
      latencyMs: 3000,
      topology: { ...statedTopology({ links }, name), self: memberPeerId(name) },
      isRelay: false,
      outputs: [],
      streaming: undefined,
      log: SILENT_PEER_LOG,
    }),
  ),
);
let before = 0;
setInterval(() => {
  const all = peers.map(({ stats }) => stats);
  const bytes = all.reduce((sum, { bytes: { fromSeeder } }) => sum + fromSeeder, 0);
  const linked = all.filter(({ neighbors }) => neighbors === 1).length;
  const missed = all.reduce((sum, { chunks }) => sum + chunks.missed, 0);
  const origin = all.reduce((sum, { bytes: { fromOrigin } }) => sum + fromOrigin, 0);
  console.log(
    `linked=${linked} mbit=${(((bytes - before) * 8) / 1e6).toFixed(0)} missed=${missed} origin=${origin}`,
  );
  before = bytes;
}, 1000);
