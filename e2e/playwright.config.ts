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

export default defineConfig({
  testDir: "tests",
  outputDir: "../test-results/e2e",
  // One at a time: a swarm of tabs is all that two cores carry.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
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
