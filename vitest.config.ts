import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["livemesh-source"] },
  // Not "import": it would reach workers as a Node flag and give require() the ESM side of packages.
  ssr: { resolve: { conditions: ["livemesh-source", "node"] } },
  test: {
    include: [
      "*/src/**/*.test.ts",
      "deploy/**/*.test.ts",
      "docs/**/*.test.ts",
      "bench/**/*.test.ts",
      "scripts/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    testTimeout: 20_000,
  },
});
