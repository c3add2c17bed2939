import type { CheckedRun } from "../baseline.ts";

/** Small swarms are the hard case, and the quick one: together well below two minutes on one core. */
export const CHECKED_RUNS: readonly CheckedRun[] = [
  { scenario: "steady", peers: 10, seconds: 30, seeds: "1-4" },
  { scenario: "steady", peers: 100, seconds: 30, seeds: "1-2" },
  { scenario: "flash-crowd", peers: 100, seconds: 50, seeds: "1-2" },
  { scenario: "churn", peers: 60, seconds: 40, seeds: "1-2" },
  { scenario: "churn-extreme", peers: 60, seconds: 40, seeds: "1-2" },
  { scenario: "half-gone", peers: 80, seconds: 40, seeds: "1-2" },
  { scenario: "seeder-cut", peers: 40, seconds: 45, seeds: "1-2" },
  { scenario: "slow-parents", peers: 40, seconds: 45, seeds: "1-2" },
  { scenario: "low-resources", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "nat-heavy", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "free-riders-50", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "polluters-10", peers: 60, seconds: 30, seeds: "1-2" },
  { scenario: "liars", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "eclipse", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "covert-flash", peers: 40, seconds: 40, seeds: "1-2" },
  { scenario: "hidden-tabs", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "lan-islands", peers: 40, seconds: 30, seeds: "1-2" },
  { scenario: "tracker-lost", peers: 40, seconds: 40, seeds: "1-2" },
];
