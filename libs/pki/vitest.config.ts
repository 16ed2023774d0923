import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "pki", include: ["src/**/*.test.ts"], reporters: ["default", ["junit", { outputFile: "../../reports/libs/pki.junit.xml" }]] },
});
