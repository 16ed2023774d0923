import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "rollout", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/rollout.junit.xml" }]] },
});
