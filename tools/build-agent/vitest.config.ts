import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "build-agent", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/tools/build-agent.junit.xml" }]] },
});
