import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "process", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/process.junit.xml" }]] },
});
