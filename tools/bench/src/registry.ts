import { agentBenchmark } from "./agent/agent-benchmark.ts";
import type { Benchmark } from "./benchmark.ts";
import { rolloutBenchmark } from "./rollout/rollout-benchmark.ts";
import { sessionBenchmark } from "./session/session-benchmark.ts";
import { upgradeBenchmark } from "./upgrade/upgrade-benchmark.ts";

/** Every benchmark there is. */
export const benchmarks: readonly Benchmark[] = [sessionBenchmark, rolloutBenchmark, upgradeBenchmark, agentBenchmark];
