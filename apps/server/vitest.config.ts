import { defineConfig } from "vitest/config";

export default defineConfig({
  // Not one core less, as by default: the files wait much of their time, and of two cores one would do all the work.
  test: { name: "server", maxWorkers: "100%", include: ["src/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000, reporters: ["default", ["junit", { outputFile: "../../reports/apps/server.junit.xml" }]] },
});
