import { expect, it } from "vitest";
import type { ViewerStats } from "#protocol";
import { NO_STATS } from "../mesh-peer/no-stats.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { ViewerReports } from "./viewer-reports.ts";

it("tells every 10 s what came since the last report, and nothing after the stop", async () => {
  const clock = new VirtualClock();
  const sent: ViewerStats[] = [];
  const mesh = structuredClone(NO_STATS);
  let stalls = { count: 0, totalMs: 0 };
  const reports = new ViewerReports({
    clock,
    send: (stats) => sent.push(stats),
    mesh: () => mesh,
    viewing: () => ({ latencyMs: 1234.4, stalls }),
  });
  reports.start();
  mesh.bytes.fromPeers = 500;
  reports.noteIceFailure("no-path");
  await clock.advance(9999);
  expect(sent).toEqual([]);
  await clock.advance(1);
  mesh.bytes.fromPeers = 800;
  mesh.bytes.uploaded = 100;
  stalls = { count: 2, totalMs: 1500 };
  await clock.advance(10_000);
  reports.stop();
  await clock.advance(60_000);
  const nothing = { peers: 0, seeder: 0, origin: 0, uploaded: 0 };
  expect(sent).toEqual([
    {
      latencyMs: 1234,
      stalls: { count: 0, totalMs: 0 },
      bytes: { ...nothing, peers: 500 },
      rejectedBlocks: 0,
      iceFailures: { "no-path": 1 },
    },
    {
      latencyMs: 1234,
      stalls: { count: 2, totalMs: 1500 },
      bytes: { ...nothing, peers: 300, uploaded: 100 },
      rejectedBlocks: 0,
    },
  ]);
});
