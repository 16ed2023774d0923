import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "server", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/apps/server.junit.xml" }]] },
});
