import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "demo", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/tools/demo.junit.xml" }]] },
});
