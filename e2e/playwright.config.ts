import { defineConfig } from "@playwright/test";

/** What every Chromium of ours gets; `bench/swarm` starts its own with the same. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
  // Host candidates by address: quicker than mDNS names, and some machines have no mDNS at all.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** One tab that watches, and no figure of how well: two at a time cost each other nothing. */
const ONE_TAB = [
  "captions",
  "codecs",
  "command-line-says-what-is-wrong",
  "examples",
  "garbage-from-an-encoder",
  "no-webrtc",
  "player-accessibility",
  "player-looks",
  "player-strict-policy",
  "recording-survives-a-kill",
  "sound-comes-and-goes",
  "unknown-stream",
].map((name) => `**/${name}.spec.ts`);

export default defineConfig({
  testDir: "tests",
  outputDir: "../test-results/e2e",
  workers: 2,
  projects: [
    { name: "one tab", testMatch: ONE_TAB, workers: 2 },
    // One at a time, and by `npm test` behind the others: a swarm of tabs is all that two cores carry.
    { name: "swarm", testIgnore: ONE_TAB, workers: 1 },
  ],
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  // Twice what a machine half as fast needs: what hangs is found all the same.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.LIVEMESH_CHROMIUM ?? "/usr/bin/chromium",
      args: CHROMIUM_FLAGS,
    },
  },
});
