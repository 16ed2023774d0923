import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "agent", testTimeout: 60_000, include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/apps/agent.junit.xml" }]] },
});
