import { setTimeout as wait } from "node:timers/promises";
import { Processes, until } from "../load/processes.mjs";
import { CpuMeter } from "../swarm/cpu-meter.mjs";

/** Of `e2e/hostile-peer.mjs`. */
export const ATTACKS = [
  "malformed-flood",
  "unknown-flood",
  "ping-flood",
  "claim-flood",
  "request-flood",
  "unrequested-flood",
  "signature-flood",
];
const SETTLE_MS = 5000;

/**
 * CPU of one headless viewer, alone and with a hostile peer that comes back under a new name as often as it
 * is shown the door.
 * @returns CPU in percent of a core, and what became of the stream meanwhile.
 */
export function measureVictim(attacks, forMs) {
  return Processes.run(async (processes) => {
    const server = processes.livemesh("serve", "--port", "0", "--webrtc-port", "0");
    const [, url] = await server.says(/(http:\/\/127\.0\.0\.1:\d+)/);
    const [watchUrl, streamId] = await server.says(/http:\S+\/watch\/([a-z2-7]{32})/);
    const peer = processes.livemesh(
      "peer",
      watchUrl,
      "--ip",
      "127.0.0.1",
      "--json",
      "--latency",
      "3000",
    );
    await peer.says(/"neighbors":1/);
    const victim = { pid: peer.pid, stats: () => lastLine(peer.output()) };
    const id = await victimId(url, streamId);
    await wait(SETTLE_MS);
    const quiet = await cpuPercent(victim.pid, forMs);
    const results = [];
    for (const name of attacks) {
      const before = victim.stats();
      let links = 0;
      let isOver = false;
      const attack = (async () => {
        const place = ["--server", url, "--stream", streamId, "--victim", id, "--attack", name];
        while (!isOver) {
          const hostile = processes.start("e2e/hostile-peer.mjs", [
            ...place,
            "--seconds",
            `${forMs / 1000}`,
          ]);
          await hostile.gone;
          if (hostile.output().includes('"connected"')) links++;
        }
      })();
      const during = await cpuPercent(victim.pid, forMs);
      isOver = true;
      await attack;
      await wait(SETTLE_MS / 2);
      const after = victim.stats();
      results.push({
        name,
        addedCpuPercent: Math.max(0, during - quiet),
        links,
        missed: after.chunks.missed - before.chunks.missed,
        rejected: after.blocks.rejected - before.blocks.rejected,
      });
    }
    return { quietCpuPercent: quiet, attacks: results };
  });
}

async function cpuPercent(pid, forMs) {
  const meter = new CpuMeter(pid, { isAlone: true });
  const startMs = performance.now();
  meter.start();
  await wait(forMs);
  return (100 * meter.stop()) / (performance.now() - startMs);
}

async function victimId(url, streamId) {
  let id;
  const find = async () => {
    const peers = await (await fetch(`${url}/api/streams/${streamId}/peers`)).json();
    id = peers.find(({ role }) => role === "viewer")?.peerId;
    return id !== undefined;
  };
  await until(find, "a viewer at the tracker");
  return id;
}

function lastLine(output) {
  return JSON.parse(
    output
      .trim()
      .split("\n")
      .findLast((line) => line.endsWith("}")) ?? "{}",
  );
}
