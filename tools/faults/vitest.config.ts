import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "faults", pool: "forks", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/tools/faults.junit.xml" }]] },
});
