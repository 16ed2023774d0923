import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createFrontClients, type FrontClients, type wire } from "@treeline/rpc";
import { parse, stringify } from "yaml";
import { type CommandResult, run } from "../command.ts";
import { TestkitError } from "../errors.ts";
import { checkoutRoot } from "../machine/create-machine.ts";

/** How long to wait for something to come about, in milliseconds: past any reason to hope on a busy machine. */
const patienceMs = 120_000;
const pollMs = 150;

/** States in which nothing more begins by itself. */
const endStates: ReadonlySet<wire.RolloutState__Output> = new Set([
  "ROLLOUT_STATE_COMPLETED",
  "ROLLOUT_STATE_HALTED",
  "ROLLOUT_STATE_ABORTED",
  "ROLLOUT_STATE_ROLLED_BACK",
]);

export type RolloutWithNodes = wire.Rollout__Output & { readonly nodes: readonly wire.RolloutNode__Output[] };

/** An operator with a credential file: commands through the real CLI, questions through the same API. */
export class Operator {
  readonly credential: string;
  readonly #clients: FrontClients;

  private constructor(credential: string, clients: FrontClients) {
    this.credential = credential;
    this.#clients = clients;
  }

  /**
   * Takes the administrator's credential of a server on this computer, and keeps a copy that reaches it over loopback: the address that
   * machines use exists only while one of them is on.
   */
  static async at(
    server: { readonly credential: string; readonly frontPort: number; readonly httpsPort: number },
    copy: string,
  ): Promise<Operator> {
    const credential = parse(await readFile(server.credential, "utf8")) as { ca: string; token: string };
    const endpoint = `127.0.0.1:${server.frontPort}`;
    const local = { ...credential, endpoint, contentEndpoint: `https://127.0.0.1:${server.httpsPort}` };
    await writeFile(copy, stringify(local), { mode: 0o600 });
    return new Operator(copy, createFrontClients({ endpoint, caPem: credential.ca, token: credential.token }));
  }

  get clients(): FrontClients {
    return this.#clients;
  }

  /** Another person with a role over the whole fleet: who creates a rollout does not approve it. Their credential lies beside this one's. */
  async colleague(person: string, role: string): Promise<Operator> {
    const { secret } = await this.#clients.access.createApiToken({ name: person, person, grants: [{ role, scope: "fleet" }] });
    const own = parse(await readFile(this.credential, "utf8")) as { endpoint: string; ca: string };
    const copy = path.join(path.dirname(this.credential), `${person}.yaml`);
    await writeFile(copy, stringify({ ...own, name: person, token: secret }), { mode: 0o600 });
    return new Operator(copy, createFrontClients({ endpoint: own.endpoint, caPem: own.ca, token: secret }));
  }

  /** argv of a `treeline` command that ends with this process, however this process ends. */
  command(args: readonly string[]): readonly string[] {
    return ["setpriv", "--pdeathsig", "KILL", "--", process.execPath, path.join(checkoutRoot, "apps/cli/bin/treeline.mjs"), ...args];
  }

  /** The environment in which commands use this credential. */
  get environment(): Readonly<Record<string, string>> {
    return { ...(process.env as Record<string, string>), TREELINE_CREDENTIAL: this.credential };
  }

  /** Runs a `treeline` command. */
  cli(args: readonly string[], options: { readonly input?: string } = {}): Promise<CommandResult> {
    return run(this.command(args), { ...options, env: { ...this.environment, NO_COLOR: "1" } });
  }

  /** Runs a `treeline` command that must succeed; returns its standard output. */
  async treeline(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await this.cli(args);
    if (code === 0) return stdout;
    throw new TestkitError({
      code: "command-failed",
      phase: "treeline",
      subject: args.join(" "),
      reason: `status ${code}: ${stderr.trim()}`,
      remedy: "Run it by hand.",
    });
  }

  async nodes(): Promise<readonly wire.Node__Output[]> {
    return (await this.#clients.nodes.listNodes({ pageSize: 500 })).nodes;
  }

  async node(name: string): Promise<wire.Node__Output> {
    const { node } = await this.#clients.nodes.getNode({ node: name });
    if (!node) throw new Error(`the server answered without node ${name}`);
    return node;
  }

  /** A rollout with all its nodes. */
  async rollout(name: string): Promise<RolloutWithNodes> {
    const { rollout } = await this.#clients.rollouts.getRollout({ name });
    if (!rollout) throw new Error(`the server answered without rollout ${name}`);
    const nodes: wire.RolloutNode__Output[] = [];
    let pageToken = "";
    do {
      const page = await this.#clients.rollouts.listRolloutNodes({ name, pageToken });
      nodes.push(...page.nodes);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return { ...rollout, nodes };
  }

  /** One node's place in a rollout. */
  async place(rollout: string, node: string): Promise<wire.RolloutNode__Output> {
    const found = (await this.rollout(rollout)).nodes.find((candidate) => candidate.name === node);
    if (!found) throw new Error(`${node} is not in rollout ${rollout}`);
    return found;
  }

  /** Asks again until the answer satisfies, riding out a server that is away. Fails with the last answer in its message. */
  async until<Answer>(what: string, ask: () => Promise<Answer>, holds: (answer: Answer) => boolean): Promise<Answer> {
    const deadline = performance.now() + patienceMs;
    let last: unknown;
    while (performance.now() < deadline) {
      try {
        const answer = await ask();
        if (holds(answer)) return answer;
        last = answer;
      } catch (error) {
        last = error;
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    const shown = last instanceof Error ? last.message : JSON.stringify(last);
    throw new TestkitError({
      code: "timed-out",
      phase: "until",
      subject: what,
      reason: `the last answer was ${shown?.slice(0, 3000)}`,
      remedy: "Read the server's log and the machines' consoles.",
    });
  }

  /** Waits until the rollout has ended. */
  ended(rollout: string): Promise<RolloutWithNodes> {
    return this.until(
      `rollout ${rollout} ends`,
      () => this.rollout(rollout),
      ({ state }) => endStates.has(state),
    );
  }

  /** Waits until a node's place in a rollout is in one of the phases. */
  reaches(rollout: string, node: string, ...phases: readonly wire.UpdatePhase__Output[]): Promise<wire.RolloutNode__Output> {
    return this.until(
      `${node} reaches ${phases.join(" or ")}`,
      () => this.place(rollout, node),
      ({ phase }) => phases.includes(phase),
    );
  }

  close(): void {
    this.#clients.close();
  }
}
