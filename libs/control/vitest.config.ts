import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "control", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/control.junit.xml" }]] },
});
