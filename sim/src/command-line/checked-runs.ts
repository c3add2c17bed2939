import type { CheckedRun } from "../baseline.ts";

/** Small swarms are the hard case, and the quick one: together well below two minutes on one core. */
export const CHECKED_RUNS: readonly CheckedRun[] = [
  { scenario: "steady", peers: 10, seconds: 30, seeds: "1-4" },
  { scenario: "steady", peers: 60, seconds: 30, seeds: "1-3" },
  { scenario: "flash-crowd", peers: 80, seconds: 50, seeds: "1-2" },
  { scenario: "churn", peers: 40, seconds: 40, seeds: "1-2" },
  { scenario: "churn-extreme", peers: 40, seconds: 40, seeds: "1-2" },
  { scenario: "half-gone", peers: 50, seconds: 40, seeds: "1-2" },
  { scenario: "seeder-cut", peers: 30, seconds: 45, seeds: "1-2" },
  { scenario: "slow-parents", peers: 30, seconds: 45, seeds: "1-2" },
  { scenario: "low-resources", peers: 30, seconds: 30, seeds: "1-2" },
  { scenario: "nat-heavy", peers: 30, seconds: 30, seeds: "1-2" },
  { scenario: "free-riders-50", peers: 30, seconds: 30, seeds: "1-4" },
  { scenario: "polluters-10", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "liars", peers: 30, seconds: 30, seeds: "1-2" },
  { scenario: "eclipse", peers: 30, seconds: 30, seeds: "1-2" },
  { scenario: "covert-flash", peers: 30, seconds: 40, seeds: "1-2" },
  { scenario: "hidden-tabs", peers: 30, seconds: 30, seeds: "1-2" },
  { scenario: "lan-islands", peers: 30, seconds: 30, seeds: "1-2" },
  { scenario: "tracker-lost", peers: 30, seconds: 40, seeds: "1-2" },
];
