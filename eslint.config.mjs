import nx from "@nx/eslint-plugin";
import tseslint from "typescript-eslint";

/** What a domain library may import besides other domain libraries: npm packages that do no I/O. */
const pureNpmPackages = ["immutable", "tinyqueue"];

const domainLibraries = ["audit", "fleet", "access", "rollout", "disruption", "control", "upgrade", "quantity", "tenancy", "health"];
const domainFiles = domainLibraries.map((name) => `libs/${name}/**/*.ts`);

/** Named here too, not only by Nx tags: the tags are checked only where Nx has its project graph on disk. */
const pureImports = [...domainLibraries.map((name) => `@treeline/${name}`), ...pureNpmPackages].join("|");

const pureMessage = "A domain library is pure: no I/O, no clock, no randomness. Take what you need as an argument.";
const importPatterns = [
  {
    regex: `^(?!node:|\\.)(?!(?:${pureImports})$)`,
    message: "A domain library imports only other domain libraries and the I/O-free packages listed in eslint.config.mjs.",
  },
  { regex: "^\\.\\.?/.*/src/", message: "Import another library by its name, not by a path into it." },
];

export default tseslint.config(
  { ignores: ["**/node_modules/**", "**/out-tsc/**", "**/dist/**", "**/generated/**", "**/.nx/**", "**/reports/**"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.mjs"],
    plugins: { "@nx": nx },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-exports": [
        "error",
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
      ],
      eqeqeq: "error",
      "no-console": "error",
      "@nx/enforce-module-boundaries": [
        "error",
        {
          allow: [],
          depConstraints: [
            { sourceTag: "domain", onlyDependOnLibsWithTags: ["domain"] },
            { sourceTag: "adapter", onlyDependOnLibsWithTags: ["domain"] },
            { sourceTag: "testkit", onlyDependOnLibsWithTags: ["domain", "adapter"] },
            { sourceTag: "app", onlyDependOnLibsWithTags: ["domain", "adapter"] },
            { sourceTag: "tool", onlyDependOnLibsWithTags: ["domain", "adapter", "testkit"] },
          ],
        },
      ],
    },
  },
  {
    files: domainFiles,
    ignores: ["**/*.test.ts", "**/vitest.config.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ regex: "^node:", message: pureMessage }, ...importPatterns],
        },
      ],
      "no-restricted-globals": [
        "error",
        "process",
        "Buffer",
        "setTimeout",
        "setInterval",
        "setImmediate",
        "fetch",
        "performance",
        "crypto",
        "WebSocket",
        "require",
        "globalThis",
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "A domain library has no clock: take `now` as an argument." },
        { object: "Math", property: "random", message: "A domain library has no randomness: take it as an argument." },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date']",
          message: "A domain library has no clock: take `now` as an argument.",
        },
        {
          selector: "ImportExpression",
          message: "A domain library loads nothing at run time: import it at the top, where the rules for imports hold.",
        },
      ],
    },
  },
  {
    // A hash, and whether a signature is right, depend on the arguments alone.
    files: ["libs/audit/**/*.ts"],
    ignores: ["**/*.test.ts", "**/vitest.config.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: "^node:(?!crypto$)", message: pureMessage },
            { regex: "^node:crypto$", allowImportNames: ["createPublicKey", "hash", "KeyObject", "verify"], message: pureMessage },
            ...importPatterns,
          ],
        },
      ],
    },
  },
  // The command line talks to people on standard output; tools and configuration files follow their hosts' conventions.
  { files: ["**/vitest.config.ts", "**/*.config.mjs"], rules: { "no-restricted-exports": "off" } },
);
