import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "build-agent", testTimeout: 60_000, include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/tools/build-agent.junit.xml" }]] },
});
