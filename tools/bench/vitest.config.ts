import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "bench", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/tools/bench.junit.xml" }]] },
});
