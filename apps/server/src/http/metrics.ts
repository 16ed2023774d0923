import { isConnected, tallyOf } from "@treeline/rollout";
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import type { Fleet } from "@treeline/control";

/** The server's metrics, in a registry of their own. Label values come from closed sets: their number is bounded. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly confirmations: Counter<"answer">;
  readonly contentBytes: Counter;
  /** What a listener's limits refused, cut or ended. */
  readonly refusals: Counter<"listener" | "reason">;

  constructor({ fleet, sessions, connections, statistics }: { readonly fleet: Fleet; readonly sessions: () => number; readonly connections?: () => Readonly<Record<string, number>>; readonly statistics?: () => Promise<{ readonly commits: number; readonly transactions: number }> }) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.confirmations = new Counter({ name: "treeline_confirmations_total", help: "Answers to Confirm", labelNames: ["answer"], registers });
    this.contentBytes = new Counter({ name: "treeline_content_bytes_total", help: "Bytes of OSTree content sent to nodes", registers });
    this.refusals = new Counter({ name: "treeline_refusals_total", help: "Connections, calls and requests that a limit refused, cut or ended", labelNames: ["listener", "reason"], registers });
    if (connections)
      new Gauge({
        name: "treeline_connections",
        help: "Open connections, by listener, those in the TLS handshake included",
        labelNames: ["listener"],
        registers,
        collect() {
          for (const [listener, open] of Object.entries(connections())) this.set({ listener }, open);
        },
      });
    new Gauge({
      name: "treeline_nodes",
      help: "Enrolled nodes, by contact",
      labelNames: ["contact"],
      registers,
      collect() {
        const { nodes } = fleet.durable;
        const connected = [...nodes.keys()].filter((id) => isConnected(fleet.durable, id)).length;
        this.set({ contact: "connected" }, connected);
        this.set({ contact: "silent" }, nodes.size - connected);
      },
    });
    new Gauge({ name: "treeline_sessions", help: "Live agent sessions", registers, collect() { this.set(sessions()); } });
    new Gauge({ name: "treeline_slots", help: "Disruption slots taken", registers, collect() { this.set(fleet.durable.slots.size); } });
    new Gauge({
      name: "treeline_rollouts",
      help: "Rollouts, by state",
      labelNames: ["state"],
      registers,
      collect() {
        this.reset();
        for (const rollout of fleet.durable.rollouts.values()) this.inc({ state: rollout.state });
      },
    });
    new Gauge({
      name: "treeline_rollout_nodes",
      help: "Nodes of rollouts that are not settled, by how they stand: waiting, moving, updated, failed, ended",
      labelNames: ["standing"],
      registers,
      collect() {
        this.reset();
        for (const rollout of fleet.durable.rollouts.values()) {
          if (rollout.settled) continue;
          for (const [standing, nodes] of Object.entries(tallyOf(fleet.durable, rollout.name).counts)) this.inc({ standing }, nodes);
        }
      },
    });
    if (statistics)
      new Gauge({
        name: "treeline_store_operations",
        help: "Batches committed and transactions they were grouped into, since the start",
        labelNames: ["kind"],
        registers,
        async collect() {
          const { commits, transactions } = await statistics();
          this.set({ kind: "batches" }, commits);
          this.set({ kind: "transactions" }, transactions);
        },
      });
  }
}
