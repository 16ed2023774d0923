#!/usr/bin/env node
import { launch } from "@treeline/process/launch";

await launch({ program: "treeline-server", from: import.meta.url, start: () => import("../src/main.ts") });
