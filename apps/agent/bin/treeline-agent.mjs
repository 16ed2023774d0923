#!/usr/bin/env node
import { launch } from "@treeline/process/launch";

await launch({ program: "treeline-agent", from: import.meta.url, start: () => import("../src/main.ts") });
