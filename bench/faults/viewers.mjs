// Headless viewers in one process: viewers.mjs URL COUNT. A line of JSON every half second; with "churn" as
// third argument one of them leaves every five seconds and another comes.
import { HeadlessPeer, SILENT_PEER_LOG } from "../../dist/node-peer/index.js";

const REPORT_MS = 500;
const CHURN_MS = 5000;
const [watchUrl, count, churn] = process.argv.slice(2);
/** Of viewers that left. */
const before = { delivered: 0, missed: 0 };

const join = () =>
  HeadlessPeer.start({
    ...{ watchUrl, port: 0, ip: "127.0.0.1", uploadBps: 10_000_000, latencyMs: 4000 },
    ...{ isRelay: false, outputs: [], streaming: undefined, log: SILENT_PEER_LOG },
  });

const viewers = await Promise.all(Array.from({ length: Number(count) }, join));

setInterval(() => {
  const all = viewers.map(({ stats }) => stats);
  const sum = (read) => all.reduce((total, stats) => total + read(stats), 0);
  const counts = all.map(({ chunks }) => chunks.delivered);
  console.log(
    JSON.stringify({
      atMs: Date.now(),
      running: all.filter(({ state }) => state === "running").length,
      delivered: before.delivered + sum(({ chunks }) => chunks.delivered),
      missed: before.missed + sum(({ chunks }) => chunks.missed),
      leastDelivered: Math.min(...counts),
      counts,
      latencyMs: Math.max(...all.map(({ latencyMs }) => latencyMs ?? 0)),
      meanLatencyMs: Math.round(sum(({ latencyMs }) => latencyMs ?? 0) / all.length),
    }),
  );
}, REPORT_MS);

if (churn === "churn") {
  let turn = 0;
  setInterval(async () => {
    const place = turn++ % viewers.length;
    const leaving = viewers[place];
    const { delivered, missed } = leaving.stats.chunks;
    viewers[place] = await join();
    before.delivered += delivered;
    before.missed += missed;
    await leaving.close();
  }, CHURN_MS);
}
