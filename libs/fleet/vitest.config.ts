import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "fleet", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/fleet.junit.xml" }]] },
});
