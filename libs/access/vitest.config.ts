import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "access",
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/access.junit.xml" }]],
  },
});
