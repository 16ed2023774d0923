import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "host", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/host.junit.xml" }]] },
});
