import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "vm", include: ["src/**/*.test.ts"], testTimeout: 60_000, reporters: ["default", ["junit", { outputFile: "../../reports/tools/vm.junit.xml" }]] },
});
