import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "ci",
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/tools/ci.junit.xml" }]],
  },
});
