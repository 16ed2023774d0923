import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "integration",
    include: ["src/**/*.test.ts"],
    // Machines are spawned from a main thread only, hence child processes.
    pool: "forks",
    // Each file has a fleet of its own (ports, directory, addresses) and waits about half of its time: three side by side keep two cores busy.
    maxWorkers: 3,
    // Nobody waits this long for something that works: it is what a busy machine may take.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default", ["junit", { outputFile: "../../reports/tools/integration.junit.xml" }]],
  },
});
