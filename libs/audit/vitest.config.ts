import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "audit",
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/audit.junit.xml" }]],
  },
});
