import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "integration",
    include: ["src/**/*.test.ts"],
    // Machines are spawned from a main thread only, hence child processes; one file at a time, because each has a fleet of its own.
    pool: "forks",
    fileParallelism: false,
    // Nobody waits this long for something that works: it is what a busy machine may take.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default", ["junit", { outputFile: "../../reports/tools/integration.junit.xml" }]],
  },
});
