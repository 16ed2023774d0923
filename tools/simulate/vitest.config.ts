import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "simulate", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/tools/simulate.junit.xml" }]] },
});
