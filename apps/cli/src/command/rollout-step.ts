import type { FrontClients, UnaryOptions, wire } from "@treeline/rpc";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { collectOption } from "../option.ts";
import { say, type Shell } from "../shell.ts";
import { rolloutTable, rolloutView, type RolloutView } from "../view/rollout.ts";
import { nextStep } from "../watch-view.ts";
import { callOptions, print, serverCommand, sharedOptions, type SharedOptions } from "./shared.ts";

interface StepOptions {
  readonly reason?: string;
  readonly wave?: string;
  readonly node?: readonly string[];
}

interface StepCall {
  readonly clients: FrontClients;
  readonly name: string;
  readonly options: StepOptions;
  readonly reason: string;
  readonly call: UnaryOptions;
}

interface Step {
  readonly verb: string;
  readonly description: string;
  /** For the list of commands, where the description is long. */
  readonly summary?: string;
  readonly examples?: readonly string[];
  /** More options than a name. */
  readonly takes?: (command: Command) => Command;
  /** What happens now, for people. */
  readonly follows?: (rollout: RolloutView) => string;
  readonly send: (step: StepCall) => Promise<{ readonly rollout: wire.Rollout__Output | null }>;
}

const withReason = (command: Command): Command => command.option("--reason <text>", "why, for the audit log and for those who look at it");

const steps: readonly Step[] = [
  {
    verb: "start",
    description: "start a rollout that was created with --hold",
    send: ({ clients, name, call }) => clients.rollouts.startRollout({ name }, call),
  },
  {
    verb: "pause",
    description: "begin nothing new in a rollout; nodes past their confirmation finish",
    takes: withReason,
    send: ({ clients, name, call, reason: because }) => clients.rollouts.pauseRollout({ name, reason: because }, call),
  },
  {
    verb: "resume",
    description: "go on with a paused rollout; if a closed gate had paused it, what the gate has counted so far is pardoned",
    takes: withReason,
    send: ({ clients, name, call, reason: because }) => clients.rollouts.resumeRollout({ name, reason: because }, call),
  },
  {
    verb: "abort",
    summary: "end a rollout for good; updated nodes stay updated",
    description:
      "end a rollout for good. No node begins any more, and what is not confirmed is called back; nodes past their confirmation finish; nodes that are " +
      "updated stay updated (`treeline rollout rollback` takes them back)",
    examples: ['treeline rollout abort spring-update --reason "bad kernel"'],
    takes: withReason,
    follows: () => "nothing begins in it any more; nodes that it has updated stay updated",
    send: ({ clients, name, call, reason: because }) => clients.rollouts.abortRollout({ name, reason: because }, call),
  },
  {
    verb: "rollback",
    summary: "take a whole rollout back: its nodes return to what they ran before",
    description:
      "take a whole rollout back. Every node that runs its release is brought back to the commit it ran before, failed ones first, under the same budgets " +
      "and without a download: EACH OF THEM REBOOTS. Nodes that have not begun stay as they are. The release is not denied: another rollout may bring it again",
    examples: ['treeline rollout rollback spring-update --reason "slow disks"', "treeline rollout watch spring-update   # follow it"],
    takes: withReason,
    follows: ({ counts }) =>
      `nodes that run its release go back, ${counts.updated} at this moment; follow it with \`treeline rollout watch\``,
    send: ({ clients, name, call, reason: because }) => clients.rollouts.rollbackRollout({ name, reason: because }, call),
  },
  {
    verb: "approve",
    description: "let a wave open that waits for a person; without --wave the one that waits",
    examples: ["treeline rollout approve spring-update", 'treeline rollout approve spring-update --wave 2 --reason "canaries look well"'],
    takes: (command) => withReason(command.option("--wave <wave>", "its name, or its number from 1: also before its turn has come")),
    send: ({ clients, name, options, call, reason: because }) =>
      clients.rollouts.approveWave({ name, wave: options.wave ?? "", reason: because }, call),
  },
  {
    verb: "retry",
    summary: "try failed nodes again",
    description:
      "try failed nodes again, all of them or those named; a halted rollout goes on. A node that rolled back must be cleared first (`treeline node clear`)",
    examples: ["treeline rollout retry spring-update", "treeline rollout retry spring-update --node web-1 --node web-2"],
    takes: (command) =>
      withReason(command.option("--node <node>", "name or id (repeat for more); default: every failed node", collectOption)),
    send: ({ clients, name, options, call, reason: because }) =>
      clients.rollouts.retryRollout({ name, nodes: [...(options.node ?? [])], reason: because }, call),
  },
];

/** One command for each verb that moves a rollout on. */
export function stepCommands(shell: Shell): readonly Command[] {
  return steps.map((step) => stepCommand(shell, step));
}

function stepCommand(
  shell: Shell,
  { verb, description, summary = description, examples, takes = (same) => same, follows, send }: Step,
): Command {
  const command = takes(
    serverCommand(verb, description, examples ?? [`treeline rollout ${verb} spring-update`]).argument("<name>", "the rollout"),
  );
  return command.summary(summary).action(async (name: string, options: StepOptions) => {
    const shared = sharedOptions(command);
    const { rollout } = await withServer(shell, shared, (clients) =>
      send({ clients, name, options, reason: options.reason ?? "", call: callOptions(shared) }),
    );
    const view = requireRollout(rollout, name);
    print(shell, shared.output, view, () => rolloutTable([view], shell.now()));
    say(shell, `rollout ${view.name} is ${view.state}`);
    for (const line of follows === undefined ? nextStep(view) : [follows(view)]) say(shell, line);
  });
}

export function requireRollout(rollout: wire.Rollout__Output | null, asked: string): RolloutView {
  if (rollout !== null) return rolloutView(rollout);
  throw new CliError(`the server's answer does not hold rollout ${asked}`, { code: "not-found", subject: asked, exitCode: 1 });
}

export function watchTimeout({ timeout }: SharedOptions): { readonly timeoutMillis?: number } {
  return timeout === undefined ? {} : { timeoutMillis: timeout };
}
