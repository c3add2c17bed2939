import { configDefaults, defineConfig } from "vitest/config";

/** Tests that start no programs and touch nothing that outlives them. */
const PURE = [
  "{protocol,media,mesh,sim,web,signaling,node-peer}/src/**/*.test.ts",
  "{deploy,docs,scripts}/**/*.test.ts",
];

/** The command line, as people start it. */
const PROGRAMS = "cli/src/**/*.test.ts";

export default defineConfig({
  resolve: { conditions: ["livemesh-source"] },
  // Not "import": it would reach workers as a Node flag and give require() the ESM side of packages.
  ssr: { resolve: { conditions: ["livemesh-source", "node"] } },
  test: {
    testTimeout: 40_000,
    hookTimeout: 40_000,
    setupFiles: ["scripts/patient-vitest.ts"],
    // One group after the other, for each wants the machine in its own way.
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: PURE,
          // Modules are loaded once for all files: a third of the time. What a test changes for all
          // (globals, timers) it puts back.
          pool: "threads",
          isolate: false,
          // Vitest's own default on two cores is one.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "real",
          // Sockets, encoders, native WebRTC: all others. Half of their time they wait.
          include: ["*/src/**/*.test.ts", "{bench,examples}/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...PURE, PROGRAMS],
          pool: "forks",
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "programs",
          include: [PROGRAMS],
          // Each starts several programs, and swarms of them that have to keep up.
          pool: "forks",
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
