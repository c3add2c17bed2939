import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["livemesh-source"] },
  ssr: { resolve: { conditions: ["livemesh-source", "node", "import", "default"] } },
  test: {
    include: [
      "*/src/**/*.test.ts",
      "docs/**/*.test.ts",
      "bench/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    testTimeout: 20_000,
  },
});
