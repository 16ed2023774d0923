import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "ostree",
    include: ["src/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../../reports/libs/ostree.junit.xml" }]],
  },
});
