import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "upgrade",
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/upgrade.junit.xml" }]],
  },
});
