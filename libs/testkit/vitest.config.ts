import { defineConfig } from "vitest/config";

export default defineConfig({
  // Machines are spawned from a main thread only (see power-supply.ts), hence child processes.
  test: {
    name: "testkit",
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/testkit.junit.xml" }]],
  },
});
