import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "rpc", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/rpc.junit.xml" }]] },
});
