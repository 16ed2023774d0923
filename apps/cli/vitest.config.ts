import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "cli",
    include: ["src/**/*.test.ts"],
    // Not one core less, as by default: the files wait much of their time, and of two cores one would do all the work.
    maxWorkers: "100%",
    // A test may start the launcher several times, half a second each on a busy machine.
    testTimeout: 60_000,
    reporters: ["default", ["junit", { outputFile: "../../reports/apps/cli.junit.xml" }]],
  },
});
