import { defineConfig } from "vitest/config";

export default defineConfig({
  // Not one core less, as by default: the files wait much of their time, and of two cores one would do all the work.
  test: { name: "agent", maxWorkers: "100%", testTimeout: 150_000, include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/apps/agent.junit.xml" }]] },
});
