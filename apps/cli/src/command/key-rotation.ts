import {
  parseKeyWindow,
  parsePublicKey,
  parseTrustedKey,
  publicKeyOf,
  readRotation,
  signRotation,
  writeRotation,
  type KeyRotation,
  type TrustedKey,
} from "@treeline/ostree";
import type { Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { collectOption, integerOption } from "../option.ts";
import { createFile, isKeyText } from "../release-key.ts";
import { say, type Shell } from "../shell.ts";
import { readSecretFile, readTextFile } from "../text-file.ts";
import { publishedRotationView, rotationTable, rotationView } from "../view/key-rotation.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions, withOutputOption } from "./shared.ts";

interface RotateOptions {
  readonly add?: readonly string[];
  readonly retire?: readonly string[];
  readonly after?: string;
  readonly serial?: number;
  readonly key: readonly string[];
  readonly out: string;
}

/** Makes and signs a rotation. Talks to nobody: the private key stays where it is. */
export function rotateKeysCommand(shell: Shell): Command {
  const command = plainCommand(
    "rotate-keys",
    "sign a document that says which keys sign releases from now on; nothing leaves this machine",
    [
      "treeline release rotate-keys --add new.pub --serial 1 --key old.key --out rotation-1.json",
      "treeline release rotate-keys --add new.pub:2027-01-01..2029-12-31 --retire old.pub --after rotation-1.json --key new.key --out rotation-2.json",
    ],
  )
    .option(
      "--add <file|base64[:from..to]>",
      "public key to trust, perhaps from and until a day or an instant (UTC); repeatable",
      collectOption,
    )
    .option("--retire <file|base64>", "public key never to be trusted again; repeatable", collectOption)
    .option("--after <file>", "the rotation before: what it retired stays named, and its serial is counted on")
    .option("--serial <number>", "above that of every rotation before", integerOption(1, 9_999_999_999))
    .requiredOption("--key <file>", "file with a private key that hosts trust now; - for standard input; repeatable", collectOption)
    .requiredOption("--out <file>", "where to write the document; a file that is there is not replaced");
  return withOutputOption(command).action(async (options: RotateOptions) => {
    const rotation = await rotationOf(shell, options);
    const secrets = await Promise.all(options.key.map((file) => readSecretFile(shell, file)));
    const signatures = [...new Map(secrets.map((secret) => [publicKeyOf(secret), signRotation(rotation, secret)])).values()];
    await createFile(options.out, writeRotation({ rotation, signatures }), 0o644);
    const view = rotationView({ rotation, signatures });
    print(shell, sharedOptions(command).output, view, () => rotationTable([view]));
    say(shell, `rotation ${rotation.serial} is signed; publish it with \`treeline release publish-rotation ${options.out}\``);
  });
}

async function rotationOf(shell: Shell, options: RotateOptions): Promise<KeyRotation> {
  const before = options.after === undefined ? undefined : readRotation(Buffer.from(await readTextFile(shell, options.after))).rotation;
  const serial = options.serial ?? (before === undefined ? undefined : before.serial + 1);
  if (serial === undefined)
    throw usageError("the rotation needs a serial", {
      subject: "--serial",
      remedy: "give --serial N, or --after FILE with the rotation before; `treeline release rotations` shows those there are",
    });
  if (before !== undefined && serial <= before.serial)
    throw usageError(`--serial ${serial} is not above ${before.serial}, that of ${options.after}`, { subject: "--serial" });
  const trust = await Promise.all((options.add ?? []).map((text) => keyToTrust(shell, text)));
  const named = await Promise.all((options.retire ?? []).map((text) => keyToRetire(shell, text)));
  requireAddable({ added: trust.map(({ key }) => key), named, before: before?.retire ?? [], after: options.after ?? "" });
  return { serial, issuedAt: shell.now(), trust, retire: [...new Set([...(before?.retire ?? []), ...named])] };
}

/** No host would follow a rotation that trusts what is retired, and the document names each key once. */
function requireAddable(keys: {
  readonly added: readonly string[];
  /** To be retired now. */
  readonly named: readonly string[];
  /** Retired by the rotation before, in the file `after`. */
  readonly before: readonly string[];
  readonly after: string;
}): void {
  const { added, named, before, after } = keys;
  const retired = added.find((key) => before.includes(key));
  if (retired !== undefined)
    throw usageError(`${retired} was retired by ${after} or before it, and a retired key is never trusted again`, {
      subject: "--add",
      remedy: "make a new key with `treeline release keygen`, and add that one",
    });
  const both = added.find((key) => named.includes(key));
  if (both !== undefined)
    throw usageError(`both --add and --retire name ${both}`, {
      subject: "--add",
      remedy: "leave one out; retiring is for good, so for a time without this key give it a window with --add instead",
    });
  const twice = added.find((key, i) => added.indexOf(key) !== i);
  if (twice !== undefined)
    throw usageError(`--add names ${twice} twice`, { subject: "--add", remedy: "name it once, with the window it shall have" });
}

/** `new.pub`, or `new.pub:2027-01-01..`: what stands behind the file's name is a window only where it looks like one. */
async function keyToTrust(shell: Shell, text: string): Promise<TrustedKey> {
  const match = /^(.+?):((?:\d[^/]*)?\.\.(?:\d[^/]*)?)$/.exec(text);
  const [file = text, window] = match?.slice(1) ?? [];
  const known = isKeyText(file) ? { key: parsePublicKey(file) } : parseTrustedKey(await readTextFile(shell, file));
  return window === undefined ? known : { key: known.key, ...parseKeyWindow(window) };
}

async function keyToRetire(shell: Shell, text: string): Promise<string> {
  return isKeyText(text) ? parsePublicKey(text) : parseTrustedKey(await readTextFile(shell, text)).key;
}

export function publishRotationCommand(shell: Shell): Command {
  const command = serverCommand("publish-rotation", "give the server a signed key rotation, to pass on to every node", [
    "treeline release publish-rotation rotation-1.json",
  ]).argument("<file>", "what `treeline release rotate-keys` wrote; - for standard input");
  return command.action(async (file: string) => {
    const shared = sharedOptions(command);
    const document = await readTextFile(shell, file);
    // What is damaged is said here, with the field, before the server hears of it.
    const { rotation } = readRotation(Buffer.from(document));
    const answer = await withServer(shell, shared, (clients) => clients.releases.publishKeyRotation({ document }, callOptions(shared)));
    if (answer.rotation === null)
      throw new CliError("the server's answer does not hold the rotation", { code: "not-found", subject: file, exitCode: 1 });
    const view = publishedRotationView(answer.rotation);
    print(shell, shared.output, view, () => rotationTable([view]));
    say(shell, `rotation ${rotation.serial} is published; \`treeline node show NODE\` says which one a node has followed`);
  });
}

export function rotationsCommand(shell: Shell): Command {
  const command = serverCommand("rotations", "list the key rotations that the server passes on", [
    "treeline release rotations",
    "treeline release rotations -o json",
  ]);
  return command.action(async () => {
    const shared = sharedOptions(command);
    const { rotations } = await withServer(shell, shared, (clients) => clients.releases.listKeyRotations({}, callOptions(shared)));
    const views = rotations.map(publishedRotationView);
    print(shell, shared.output, views, () => rotationTable(views));
  });
}
