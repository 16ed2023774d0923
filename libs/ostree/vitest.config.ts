import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "ostree",
    testTimeout: 30_000,
    include: ["src/**/*.test.ts"],
    // Not one core less, as by default: the files wait much of their time, and of two cores one would do all the work.
    maxWorkers: "100%",
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/ostree.junit.xml" }]],
  },
});
