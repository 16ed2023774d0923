import { checkPolicy, type PolicyDraft, type Wave } from "@treeline/rollout";
import type { FrontClients, UnaryOptions, wire } from "@treeline/rpc";
import type { Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { readRolloutDocuments } from "../document.ts";
import { amountOption, durationOption, integerOption, selectorOption, wavesOption } from "../option.ts";
import { generatedName, policyMessage } from "../policy.ts";
import { say, type Shell } from "../shell.ts";
import { readTextFile } from "../text-file.ts";
import { rolloutDetails, rolloutTable, rolloutView, type RolloutView } from "../view/rollout.ts";
import { watchRollout } from "../watch.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions, type SharedOptions } from "./shared.ts";

export function rolloutCommand(shell: Shell): Command {
  return plainCommand("rollout", "bring a release to nodes, wave by wave", [
    "treeline rollout create --release 42.1 --selector site=berlin --waves 1,50%,rest --max-unavailable 1 --soak 30s --watch",
    "treeline rollout list",
  ])
    .addCommand(createCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(showCommand(shell))
    .addCommand(watchCommand(shell))
    .addCommand(
      stepCommand(shell, "start", "start a rollout that was created with --hold", (clients, name, call) =>
        clients.rollouts.startRollout({ name }, call),
      ),
    )
    .addCommand(
      reasonedCommand(
        shell,
        "pause",
        "begin nothing new in a rollout; nodes past their confirmation finish",
        (clients, name, call, reason) => clients.rollouts.pauseRollout({ name, reason }, call),
      ),
    )
    .addCommand(
      stepCommand(shell, "resume", "go on with a paused rollout", (clients, name, call) => clients.rollouts.resumeRollout({ name }, call)),
    )
    .addCommand(
      reasonedCommand(shell, "abort", "end a rollout for good: what is not confirmed is called back", (clients, name, call, reason) =>
        clients.rollouts.abortRollout({ name, reason }, call),
      ),
    );
}

interface CreateOptions {
  readonly file?: string;
  readonly release?: string;
  readonly selector?: string;
  readonly waves?: readonly Wave[];
  readonly maxUnavailable?: string;
  readonly soak?: number;
  readonly retries?: number;
  readonly hold?: true;
  readonly watch?: true;
}

function createCommand(shell: Shell): Command {
  const command = serverCommand("create", "create a rollout and start it, unless held", [
    "treeline rollout create --release 42.1 --selector site=berlin",
    'treeline rollout create spring-update --release 42.1 --selector "*" --waves "1,50%,rest" --max-unavailable 10% --soak 10m --watch',
    "treeline rollout create -f rollout.yaml --hold",
  ])
    .argument("[name]", "name (default: the release and some random characters)")
    .option("-f, --file <file>", "take name and policy from a `kind: Rollout` document; - for standard input")
    .option("--release <release>", "version or commit")
    .option("--selector <selector>", 'labels of the nodes, such as "site=berlin,!canary"; "*" for every node', selectorOption)
    .option("--waves <waves>", 'how many nodes at a time: counts, percentages, "rest" (default: "1,rest")', wavesOption)
    .option("--max-unavailable <amount>", "nodes that may be away at once: a count or a percentage (default: 1)", amountOption)
    .option("--soak <duration>", "how long a node must stay healthy before it counts (default: 0s)", durationOption)
    .option("--retries <number>", "how often a retryable failure of a node is tried again (default: 2)", integerOption(0, 10))
    .option("--hold", "create it without starting it")
    .option("--watch", "watch it until it ends");
  return command.action(async (name: string | undefined, options: CreateOptions) => {
    const shared = sharedOptions(command);
    const request = options.file === undefined ? requestOf(name, options) : await requestOfFile(shell, options.file, name, options);
    await withServer(shell, shared, async (clients) => {
      const { rollout } = await clients.rollouts.createRollout(request, callOptions(shared));
      const view = requireRollout(rollout, request.name ?? "");
      if (options.watch === undefined) print(shell, shared.output, view, () => rolloutTable([view], shell.now()));
      say(
        shell,
        `rollout ${view.name} is ${view.state}${view.state === "held" ? `; start it with \`treeline rollout start ${view.name}\`` : ""}`,
      );
      if (options.watch)
        await watchRollout({ shell, clients, rollout: view.name, format: shared.output, reached: true, ...watchTimeout(shared) });
    });
  });
}

function requestOf(name: string | undefined, options: CreateOptions): wire.CreateRolloutRequest {
  const { release, selector } = options;
  if (release === undefined || release.trim() === "")
    throw usageError("no release is named", {
      subject: "--release",
      remedy: "give --release V, or -f FILE; `treeline release list` shows them",
    });
  if (selector === undefined)
    throw usageError("no selector is given", { subject: "--selector", remedy: 'give --selector with labels, or "*" for every node' });
  const policy: PolicyDraft = {
    release: release.trim(),
    selector,
    waves: options.waves ?? [{ count: 1 }, { rest: true }],
    maxUnavailable: options.maxUnavailable ?? "1",
    nodeSoakMillis: options.soak ?? 0,
    ...(options.retries === undefined ? {} : { retries: options.retries }),
  };
  const checked = checkPolicy(policy);
  if (!checked.ok)
    throw new CliError("the rollout's policy is not valid", {
      code: "usage",
      subject: "policy",
      violations: checked.violations,
      remedy: "correct the options for the fields named",
    });
  return { name: name ?? generatedName(policy.release), policy: policyMessage(policy), hold: options.hold === true };
}

async function requestOfFile(
  shell: Shell,
  file: string,
  name: string | undefined,
  options: CreateOptions,
): Promise<wire.CreateRolloutRequest> {
  const inFile = (["release", "selector", "waves", "maxUnavailable", "soak", "retries"] as const).filter(
    (key) => options[key] !== undefined,
  );
  if (name !== undefined || inFile.length > 0) {
    throw usageError(`with -f, name and policy come from ${file}`, {
      subject: name ?? inFile.join(", "),
      remedy: "leave out the name and the policy's options, or leave out -f",
    });
  }
  const [document, ...others] = readRolloutDocuments(await readTextFile(shell, file), file);
  if (document === undefined || others.length > 0)
    throw usageError(`${file} holds ${others.length + 1} rollouts`, { subject: file, remedy: "use `treeline apply -f` for more than one" });
  return { name: document.name, policy: policyMessage(document.policy), hold: options.hold === true };
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "list rollouts, without their nodes", ["treeline rollout list", "treeline rollout list -o json"]);
  return command.action(async () => {
    const shared = sharedOptions(command);
    const { rollouts } = await withServer(shell, shared, (clients) => clients.rollouts.listRollouts({}, callOptions(shared)));
    const views = rollouts.map(rolloutView);
    print(shell, shared.output, views, () => rolloutTable(views, shell.now()));
  });
}

function showCommand(shell: Shell): Command {
  const command = serverCommand("show", "show a rollout and each of its nodes", [
    "treeline rollout show spring-update",
    "treeline rollout show spring-update -o yaml",
  ]).argument("<name>", "the rollout");
  return command.action(async (name: string) => {
    const shared = sharedOptions(command);
    const { rollout } = await withServer(shell, shared, (clients) => clients.rollouts.getRollout({ name }, callOptions(shared)));
    const view = requireRollout(rollout, name);
    print(shell, shared.output, view, () => rolloutDetails(view, shell.now()));
  });
}

function watchCommand(shell: Shell): Command {
  const command = serverCommand("watch", "watch a rollout until it ends; exits with 0 when it completed, with 1 when it halted", [
    "treeline rollout watch spring-update",
    "treeline rollout watch spring-update --timeout 30m -o json | jq -r .state",
  ]).argument("<name>", "the rollout");
  describeTimeout(command, "give up watching after this long (default: never)");
  return command.action(async (name: string) => {
    const shared = sharedOptions(command);
    await withServer(shell, shared, (clients) =>
      watchRollout({ shell, clients, rollout: name, format: shared.output, reached: false, ...watchTimeout(shared) }),
    );
  });
}

type Step = (
  clients: FrontClients,
  name: string,
  call: UnaryOptions,
  reason: string,
) => Promise<{ readonly rollout: wire.Rollout__Output | null }>;

function stepCommand(shell: Shell, verb: string, description: string, step: Step): Command {
  const command = serverCommand(verb, description, [`treeline rollout ${verb} spring-update`]).argument("<name>", "the rollout");
  return command.action(async (name: string, options: { readonly reason?: string }) => {
    const shared = sharedOptions(command);
    const { rollout } = await withServer(shell, shared, (clients) => step(clients, name, callOptions(shared), options.reason ?? ""));
    const view = requireRollout(rollout, name);
    print(shell, shared.output, view, () => rolloutTable([view], shell.now()));
    say(shell, `rollout ${view.name} is ${view.state}`);
  });
}

function reasonedCommand(shell: Shell, verb: string, description: string, step: Step): Command {
  return stepCommand(shell, verb, description, step).option("--reason <text>", "why, for those who look at it");
}

function requireRollout(rollout: wire.Rollout__Output | null, asked: string): RolloutView {
  if (rollout !== null) return rolloutView(rollout);
  throw new CliError(`the server's answer does not hold rollout ${asked}`, { code: "not-found", subject: asked, exitCode: 1 });
}

function watchTimeout({ timeout }: SharedOptions): { readonly timeoutMillis?: number } {
  return timeout === undefined ? {} : { timeoutMillis: timeout };
}

function describeTimeout(command: Command, description: string): void {
  for (const option of command.options) if (option.long === "--timeout") option.description = description;
}
