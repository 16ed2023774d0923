import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "disruption", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/disruption.junit.xml" }]] },
});
