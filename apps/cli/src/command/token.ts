import { randomBytes } from "node:crypto";
import { parsePublicKey } from "@treeline/ostree";
import { writeFileDurably } from "@treeline/process";
import { Option, type Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { collectOption, durationOption, integerOption, labelOption, type LabelMap } from "../option.ts";
import { formatDue } from "../output/format.ts";
import { isKeyText } from "../release-key.ts";
import { say, type Shell } from "../shell.ts";
import { readTextFile, reasonOf } from "../text-file.ts";
import { instantOf } from "../view/instant.ts";
import { tokenTable, tokenView } from "../view/token.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions } from "./shared.ts";

const maxUint32 = 0xffff_ffff;

export function tokenCommand(shell: Shell): Command {
  return plainCommand("token", "enrollment tokens: what a new host needs to join", [
    "treeline token create --ttl 1h --release-key release.pub",
    "treeline token list",
  ])
    .addCommand(createCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(revokeCommand(shell));
}

interface CreateOptions {
  readonly name?: string;
  readonly ttl: number;
  readonly uses: number;
  readonly label?: LabelMap;
  readonly releaseKey?: readonly string[];
  readonly out?: string;
}

function createCommand(shell: Shell): Command {
  const command = serverCommand("create", "make an enrollment token; standard output is the token and nothing else", [
    "treeline token create --ttl 1h --uses 20 --label site=berlin --release-key release.pub --out token",
    "treeline token create --release-key release.pub | ssh web-1 'umask 077; cat > token'",
  ])
    .option("--name <name>", "name for people (default: random)")
    .addOption(new Option("--ttl <duration>", "how long it can be used").argParser(durationOption).default(3_600_000, "1h"))
    .option("--uses <number>", "how many nodes may enroll with it; 0: any number until it expires", integerOption(0, maxUint32), 1)
    .option("--label <key=value>", "label of the nodes that enroll with it; repeatable", labelOption)
    .option("--release-key <file|base64>", "public key whose releases the nodes accept; repeatable", collectOption)
    .option("--out <file>", "write the token to this file (mode 0600) and not to standard output");
  return command.action(async (options: CreateOptions) => {
    const shared = sharedOptions(command);
    if (options.ttl < 1000 || options.ttl / 1000 > maxUint32)
      throw usageError("--ttl must be at least 1s and at most about 136 years", { subject: "--ttl" });
    const releaseKeys = await Promise.all((options.releaseKey ?? []).map((text) => releaseKeyOf(shell, text)));
    const request = {
      name: options.name ?? `token-${randomBytes(3).toString("hex")}`,
      ttlSeconds: Math.floor(options.ttl / 1000),
      uses: options.uses,
      labels: options.label ?? {},
      releaseKeys,
    };
    const answer = await withServer(shell, shared, (clients) => clients.enrollment.createToken(request, callOptions(shared)));
    const view = { id: answer.tokenId, name: request.name, expiresAt: instantOf(answer.expiresAtMillis) };
    if (options.out !== undefined) await writeToken(options.out, answer.token, view.id);
    if (options.out === undefined) print(shell, shared.output, { ...view, token: answer.token }, () => [answer.token]);
    else if (shared.output !== "table") print(shell, shared.output, { ...view, file: options.out }, () => []);
    const uses = options.uses === 0 ? "any number of nodes" : options.uses === 1 ? "one node" : `${options.uses} nodes`;
    say(shell, `token ${view.id} (${view.name}) lets ${uses} enroll; it expires ${formatDue(view.expiresAt, shell.now())}`);
    if (releaseKeys.length === 0) {
      say(
        shell,
        "warning: it names no release key: unless their image brings one, nodes that enroll with it accept no release; add --release-key FILE",
      );
    }
  });
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "list enrollment tokens (never their secrets)", [
    "treeline token list",
    "treeline token list -o json",
  ]);
  return command.action(async () => {
    const shared = sharedOptions(command);
    const { tokens } = await withServer(shell, shared, (clients) => clients.enrollment.listTokens({}, callOptions(shared)));
    const views = tokens.map(tokenView);
    print(shell, shared.output, views, () => tokenTable(views, shell.now()));
  });
}

function revokeCommand(shell: Shell): Command {
  const command = serverCommand("revoke", "let nobody enroll with a token any more; nodes that did stay", [
    "treeline token revoke 0b6f",
  ]).argument("<id>", "the token's id, as `token list` shows it");
  return command.action(async (id: string) => {
    const shared = sharedOptions(command);
    // Somebody may well paste the whole token; it must not go on to the server's log or back to the screen.
    if (/^tlt\d+_/.test(id))
      throw usageError("this is a token, not a token's id", {
        subject: "id",
        remedy: "name it by the id that `treeline token list` shows",
      });
    await withServer(shell, shared, (clients) => clients.enrollment.revokeToken({ tokenId: id }, callOptions(shared)));
    if (shared.output !== "table") print(shell, shared.output, { id, revoked: true }, () => []);
    say(shell, `token ${id} is revoked`);
  });
}

/** A public key given as such, or as a file that holds one. @throws KeyFormatError, CliError file-unreadable */
async function releaseKeyOf(shell: Shell, text: string): Promise<string> {
  return parsePublicKey(isKeyText(text) ? text : await readTextFile(shell, text));
}

async function writeToken(file: string, token: string, id: string): Promise<void> {
  try {
    await writeFileDurably(file, `${token}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new CliError(`the token was made, but cannot be written to ${file}: ${reasonOf(cause)}`, {
      code: "file-unwritable",
      subject: file,
      exitCode: 1,
      remedy: `revoke it with \`treeline token revoke ${id}\` and make another one`,
      cause,
    });
  }
}
