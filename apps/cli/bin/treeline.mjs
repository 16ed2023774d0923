#!/usr/bin/env node
import { launch } from "@treeline/process/launch";

await launch({ program: "treeline", from: import.meta.url, start: async () => (await import("../src/main.ts")).main() });
