import { checkPolicy, type OnFailure, type PolicyDraft, type WaveDraft } from "@treeline/rollout";
import { policyDraftToProto } from "@treeline/rpc";
import { Option, type Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { readDocuments } from "../document.ts";
import { amountOption, collectOption, durationOption, integerOption, selectorOption, wavesOption } from "../option.ts";
import { generatedName } from "../policy.ts";
import { say, type Shell } from "../shell.ts";
import { readTextFile } from "../text-file.ts";
import { planDetails, planView } from "../view/plan.ts";
import { rolloutTable } from "../view/rollout.ts";
import { watchRollout } from "../watch.ts";
import { requireRollout, watchTimeout } from "./rollout-step.ts";
import { callOptions, print, serverCommand, sharedOptions } from "./shared.ts";

/** The policy as options say it; each has a field of the document that says the same, which can say more. */
interface PolicyOptions {
  readonly file?: string;
  readonly release?: string;
  readonly channel?: string;
  readonly selector?: string;
  readonly node?: readonly string[];
  readonly exclude?: string;
  readonly excludeNode?: readonly string[];
  readonly waves?: readonly WaveDraft[];
  readonly bake?: number;
  readonly approval?: true;
  readonly maxUnavailable?: string;
  readonly soak?: number;
  readonly maxFailures?: number;
  readonly onFailure?: OnFailure;
  readonly retries?: number;
  readonly priority?: number;
  readonly cure?: true;
}

interface CreateOptions extends PolicyOptions {
  readonly hold?: true;
  readonly watch?: true;
}

export function createCommand(shell: Shell): Command {
  const command = withPolicyOptions(
    serverCommand("create", "create a rollout and start it, unless held", [
      "treeline rollout create --release 42.1 --selector site=berlin",
      'treeline rollout create spring-update --release 42.1 --selector "*" --waves "1,50%,rest" --max-unavailable 10% --soak 10m --watch',
      "treeline rollout create --channel os/stable --selector site=berlin --waves 1,rest --bake 1h --approval --on-failure rollback",
      "treeline rollout create -f rollout.yaml --hold",
    ]),
  )
    .option("--hold", "create it without starting it")
    .option("--watch", "watch it until it ends");
  return command.action(async (name: string | undefined, options: CreateOptions) => {
    const shared = sharedOptions(command);
    const written = await rolloutOf(shell, name, options);
    const request = { ...written, policy: policyDraftToProto(written.policy), hold: options.hold === true };
    await withServer(shell, shared, async (clients) => {
      const { rollout } = await clients.rollouts.createRollout(request, callOptions(shared));
      const view = requireRollout(rollout, request.name);
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

export function planCommand(shell: Shell): Command {
  const command = withPolicyOptions(
    serverCommand(
      "plan",
      "show what a rollout would do, without doing it: its waves, how long it takes, what is left at each step, which nodes would be refused and why, " +
        "and what a rollback would do with /etc; exits with 1 when the server would refuse to create it",
      [
        "treeline rollout plan -f rollout.yaml",
        'treeline rollout plan --release 42.1 --selector "*" --waves 1,50%,rest --max-unavailable 10%',
        "treeline rollout plan -f rollout.yaml --json | jq .expectedMillis",
      ],
    ),
  );
  return command
    .summary("show what a rollout would do, without doing it")
    .action(async (name: string | undefined, options: PolicyOptions) => {
      const shared = sharedOptions(command);
      const request = await rolloutOf(shell, name, options, "beside others");
      const { plan } = await withServer(shell, shared, (clients) =>
        clients.rollouts.planRollout({ name: request.name, policy: policyDraftToProto(request.policy) }, callOptions(shared)),
      );
      if (plan === null)
        throw new CliError("the server's answer does not hold a plan", { code: "not-found", subject: request.name, exitCode: 1 });
      const view = planView(request.name, plan);
      print(shell, shared.output, view, () => planDetails(view));
    });
}

function withPolicyOptions(command: Command): Command {
  return command
    .argument("[name]", "name (default: the release and some random characters)")
    .option("-f, --file <file>", "take name and policy from a `kind: Rollout` document; - for standard input")
    .option("--release <release>", "version or commit")
    .option("--channel <channel>", "the newest release of this channel, instead of --release")
    .option("--selector <selector>", 'labels of the nodes, such as "site=berlin,!canary"; "*" for every node', selectorOption)
    .option("--node <node>", "a node by name or id, beside those selected (repeat for more)", collectOption)
    .option("--exclude <selector>", "leave out nodes with these labels", selectorOption)
    .option("--exclude-node <node>", "leave out this node (repeat for more)", collectOption)
    .option("--waves <waves>", 'how many nodes at a time: counts, percentages, "rest" (default: "1,rest")', wavesOption)
    .option("--bake <duration>", "how long each wave but the last is watched after its last node (default: 0s)", durationOption)
    .option("--approval", "each wave but the first waits for `treeline rollout approve`")
    .option("--max-unavailable <amount>", "nodes that may be away at once: a count or a percentage (default: 1)", amountOption)
    .option("--soak <duration>", "how long a node must stay healthy before it counts (default: 0s)", durationOption)
    .option("--max-failures <number>", "more failed nodes than this close the gate (default: 0)", integerOption(0, 1_000_000))
    .addOption(
      new Option("--on-failure <what>", "what follows when the gate closes (default: halt)").choices(["pause", "halt", "rollback"]),
    )
    .option("--retries <number>", "how often a retryable failure of a node is tried again (default: 2)", integerOption(0, 10))
    .option("--priority <number>", "of two rollouts over one node the higher goes first (default: 0)", integerOption(-1000, 1000))
    .option("--cure", "update nodes with red checks, too: the release is to cure them");
}

const policyOptions = [
  ...(["release", "channel", "selector", "node", "exclude", "excludeNode", "waves", "bake", "approval"] as const),
  ...(["maxUnavailable", "soak", "maxFailures", "onFailure", "retries", "priority", "cure"] as const),
];

/**
 * Name and policy, from a file or from options, checked. `alone`: the file must hold nothing else.
 * @throws CliError usage, document-invalid
 */
async function rolloutOf(
  shell: Shell,
  name: string | undefined,
  options: PolicyOptions,
  place: "alone" | "beside others" = "alone",
): Promise<{ readonly name: string; readonly policy: PolicyDraft }> {
  const { file } = options;
  if (file === undefined) return rolloutOfOptions(name, options);
  const given = policyOptions.filter((key) => options[key] !== undefined);
  if (name !== undefined || given.length > 0)
    throw usageError(`with -f, name and policy come from ${file}`, {
      subject: name ?? given.join(", "),
      remedy: "leave out the name and the policy's options, or leave out -f",
    });
  const documents = readDocuments(await readTextFile(shell, file), file);
  const [rollout, ...more] = documents.flatMap((document) => (document.kind === "Rollout" ? [document.rollout] : []));
  const others = documents.filter(({ kind }) => kind !== "Rollout");
  if (rollout === undefined)
    throw usageError(`${file} holds no rollout`, { subject: file, remedy: "write a document with `kind: Rollout`" });
  if (more.length > 0)
    throw usageError(`${file} holds ${more.length + 1} rollouts`, { subject: file, remedy: "use `treeline apply -f` for more than one" });
  if (others.length > 0 && place === "alone")
    throw usageError(`${file} holds a ${others[0]?.kind}, too`, { subject: file, remedy: "use `treeline apply -f` for both" });
  for (const { kind, name: other } of others)
    say(shell, `${kind.toLowerCase()} ${other} of ${file} is not looked at: what holds is what was applied`);
  return rollout;
}

function rolloutOfOptions(name: string | undefined, options: PolicyOptions): { readonly name: string; readonly policy: PolicyDraft } {
  const { release, channel, selector, node, exclude, excludeNode } = options;
  if ((release === undefined || release.trim() === "") && channel === undefined)
    throw usageError("no release is named", {
      subject: "--release",
      remedy: "give --release V, --channel C or -f FILE; `treeline release list` shows them",
    });
  if (selector === undefined && node === undefined)
    throw usageError("no selector is given", {
      subject: "--selector",
      remedy: 'give --selector with labels, or "*" for every node; or single nodes with --node',
    });
  const policy: PolicyDraft = {
    release: release?.trim(),
    channel,
    selector,
    nodes: node,
    exclude: exclude === undefined && excludeNode === undefined ? undefined : { selector: exclude, nodes: excludeNode },
    waves: wavesOf(options),
    maxUnavailable: options.maxUnavailable,
    nodeSoakMillis: options.soak,
    gate: options.maxFailures === undefined ? undefined : { maxFailures: options.maxFailures },
    onFailure: options.onFailure,
    retries: options.retries === undefined ? undefined : { limit: options.retries },
    priority: options.priority,
    cure: options.cure,
  };
  const checked = checkPolicy(policy);
  if (!checked.ok)
    throw new CliError("the rollout's policy is not valid", {
      code: "usage",
      subject: "policy",
      violations: checked.violations,
      remedy: "correct the options for the fields named",
    });
  return { name: name ?? generatedName(release?.trim() ?? channel ?? ""), policy };
}

/** Nothing comes after the last wave that its bake could hold back, and nobody is asked for the first: who creates the rollout wants it. */
function wavesOf({ waves = [{ size: { count: 1 } }, { size: { rest: true } }], bake, approval }: PolicyOptions): readonly WaveDraft[] {
  return waves.map((wave, index) => ({
    ...wave,
    ...(bake === undefined || index === waves.length - 1 ? {} : { bakeMillis: bake }),
    ...(approval === undefined || index === 0 ? {} : { approval }),
  }));
}
