import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "ostree",
    testTimeout: 30_000,
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/ostree.junit.xml" }]],
  },
});
