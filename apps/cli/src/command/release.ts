import { objectsOf, showCommit } from "@treeline/ostree";
import type { wire } from "@treeline/rpc";
import { InvalidArgumentError, type Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { addCommitSignature, commitOfRef, requireArchive, requireSigned } from "../commit.ts";
import { withServer } from "../connect.ts";
import { formatBytes } from "../output/format.ts";
import { fieldLines } from "../output/table.ts";
import { planUpload, sendRelease, type Upload } from "../publish.ts";
import { createKeyFiles } from "../release-key.ts";
import { say, type Shell } from "../shell.ts";
import { readSecretFile } from "../text-file.ts";
import { releaseTable, releaseView } from "../view/release.ts";
import { publishRotationCommand, rotateKeysCommand, rotationsCommand } from "./key-rotation.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions, withOutputOption } from "./shared.ts";

export function releaseCommand(shell: Shell): Command {
  return plainCommand("release", "signed OSTree commits that nodes can be given", [
    "treeline release keygen --out release",
    "treeline release sign --repo repo --ref os/stable --key release.key",
    "treeline release publish --repo repo --ref os/stable",
  ])
    .addCommand(keygenCommand(shell))
    .addCommand(signCommand(shell))
    .addCommand(publishCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(showReleaseCommand(shell))
    .addCommand(mirrorCommand(shell))
    .addCommand(rotateKeysCommand(shell))
    .addCommand(publishRotationCommand(shell))
    .addCommand(rotationsCommand(shell));
}

function keygenCommand(shell: Shell): Command {
  const command = plainCommand("keygen", "make a key pair for signing releases; the private half never leaves this machine", [
    "treeline release keygen --out release",
    "treeline release keygen --out /etc/release-keys/",
  ]).requiredOption("--out <directory|prefix>", "where: PREFIX.key (0600) and PREFIX.pub, in a directory release.key and release.pub");
  return withOutputOption(command).action(async ({ out }: { readonly out: string }) => {
    const files = await createKeyFiles(out);
    print(shell, sharedOptions(command).output, files, () => [files.publicKey]);
    say(shell, `private key: ${files.privateKeyFile} (keep it, and keep it secret); public key: ${files.publicKeyFile}`);
  });
}

interface SignOptions {
  readonly repo: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly key: string;
}

function signCommand(shell: Shell): Command {
  const command = plainCommand("sign", "sign a commit in a local repository", [
    "treeline release sign --repo repo --ref os/stable --key release.key",
    "pass show release-key | treeline release sign --repo repo --ref os/stable --key -",
  ])
    .requiredOption("--repo <path>", "the ostree repository")
    .option("--ref <ref>", "sign the commit that this ref points to")
    .option("--commit <checksum>", "sign this commit")
    .requiredOption("--key <file>", "file with the private key; - for standard input");
  return withOutputOption(command).action(async ({ repo, ref, commit, key }: SignOptions) => {
    if ((ref === undefined) === (commit === undefined)) throw usageError("give either --ref or --commit", { subject: "--ref" });
    const checksum = ref === undefined ? (commit ?? "") : await commitOfRef(repo, ref);
    const publicKey = await addCommitSignature({ repo, checksum, secretKey: await readSecretFile(shell, key) });
    print(shell, sharedOptions(command).output, { checksum, publicKey }, () => [checksum]);
    say(shell, `commit ${checksum} is signed; nodes that trust ${publicKey} accept it`);
  });
}

const unmanagedText = "it was built without agent or boot guard: Treeline could not bring a node back from it, and refuses it in rollouts";

interface PublishOptions {
  readonly repo: string;
  readonly ref: string;
  readonly version?: string;
  readonly unmanaged?: true;
}

function publishCommand(shell: Shell): Command {
  const command = serverCommand("publish", "send a signed commit to the server; only objects that it lacks travel", [
    "treeline release publish --repo repo --ref os/stable",
    "treeline release publish --repo repo --ref os/stable --version 42.1",
    "treeline release publish --repo repo --ref os/rescue --unmanaged",
  ])
    .requiredOption("--repo <path>", "the archive repository")
    .requiredOption("--ref <ref>", "publish the commit that this ref points to")
    .option("--version <version>", "the release's version (default: the one in the commit)")
    .option("--unmanaged", unmanagedText);
  return command.action(async ({ repo, ref, ...options }: PublishOptions) => {
    const shared = sharedOptions(command);
    await requireArchive(repo);
    const checksum = await commitOfRef(repo, ref);
    await requireSigned({ repo, ref, checksum });
    const version = options.version ?? (await showCommit({ repo, checksum })).version;
    if (version === null || version === "")
      throw usageError(`commit ${checksum} names no version`, { subject: "--version", remedy: "give --version V" });
    const names = await objectsOf({ repo, checksum });
    const response = await withServer(shell, shared, async ({ releases }) => {
      const upload = await planUpload({ releases, repo, names, call: callOptions(shared) });
      const others = upload.total - upload.objects.length;
      say(
        shell,
        `sending ${upload.objects.length} objects, ${formatBytes(upload.bytes)}${others === 0 ? "" : `; the server has the other ${others}`}`,
      );
      const progress = progressLine(shell, upload);
      try {
        return await sendRelease({
          releases,
          header: { ref, version, checksum, unmanaged: options.unmanaged === true },
          upload,
          ...callOptions(shared),
          onProgress: progress.show,
        });
      } finally {
        progress.end();
      }
    });
    printRelease(shell, command, response.release, version);
    say(shell, `published ${version}: the server took ${response.objectsReceived} objects, ${formatBytes(Number(response.bytesReceived))}`);
  });
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "list releases", ["treeline release list", "treeline release list -o json"]);
  return command.action(async () => {
    const shared = sharedOptions(command);
    const { releases } = await withServer(shell, shared, (clients) => clients.releases.listReleases({}, callOptions(shared)));
    const views = releases.map(releaseView);
    print(shell, shared.output, views, () => releaseTable(views, shell.now()));
  });
}

function showReleaseCommand(shell: Shell): Command {
  const command = serverCommand("show", "show one release", ["treeline release show 42.1"]).argument("<release>", "version or commit");
  return command.action(async (release: string) => {
    const shared = sharedOptions(command);
    const answer = await withServer(shell, shared, (clients) => clients.releases.getRelease({ release }, callOptions(shared)));
    printRelease(shell, command, answer.release, release, "details");
  });
}

interface MirrorOptions {
  readonly url: string;
  readonly ref: string;
  readonly commit: string;
  readonly version: string;
  readonly unmanaged?: true;
}

function mirrorCommand(shell: Shell): Command {
  const command = serverCommand("mirror", "let the server fetch a release from an archive repository that its configuration allows", [
    "treeline release mirror --url https://example.org/repo --ref os/stable --commit 5f1c… --version 42.1",
  ])
    .requiredOption("--url <url>", "the archive repository", urlOption)
    .requiredOption("--ref <ref>", "the ref in it")
    .requiredOption("--commit <checksum>", "the commit, so that nobody between can choose another")
    .requiredOption("--version <version>", "the release's version")
    .option("--unmanaged", unmanagedText);
  return command.action(async ({ url, ref, commit, version, unmanaged }: MirrorOptions) => {
    const shared = sharedOptions(command);
    const request = { url, ref, checksum: commit, version, unmanaged: unmanaged === true };
    // A whole operating system travels during this one call.
    const call = { deadlineMillis: shared.timeout ?? 30 * 60_000 };
    const answer = await withServer(shell, shared, (clients) => clients.releases.mirrorRelease(request, call));
    printRelease(shell, command, answer.release, ref);
  });
}

function urlOption(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('Write a URL such as "https://example.org/repo".');
  const { username, password } = new URL(text);
  // Arguments are seen by everybody on this machine.
  if (username !== "" || password !== "")
    throw new InvalidArgumentError("A URL with a password in it is refused; allow the mirror in the server's configuration.");
  return text;
}

function printRelease(
  shell: Shell,
  command: Command,
  release: wire.Release__Output | null,
  asked: string,
  form: "row" | "details" = "row",
): void {
  if (release === null)
    throw new CliError(`the server's answer does not hold release ${asked}`, { code: "not-found", subject: asked, exitCode: 1 });
  const view = releaseView(release);
  print(shell, sharedOptions(command).output, view, () =>
    form === "row"
      ? releaseTable([view], shell.now())
      : fieldLines([
          ["Version", view.version],
          ["Commit", view.checksum],
          ["Ref", view.ref],
          ["Published", view.publishedAt ?? ""],
          ["Objects", String(view.objects)],
          ["Size", formatBytes(view.bytes)],
          ["Signed by", view.signedBy.join(", ")],
          ["Managed", view.unmanaged === "" ? "yes" : `no: ${view.unmanaged}; no rollout gives it to a node`],
        ]),
  );
}

/** One line that is redrawn, on a terminal; nothing elsewhere. */
function progressLine(
  shell: Shell,
  upload: Upload,
): { readonly show: (sent: { readonly objects: number; readonly bytes: number }) => void; readonly end: () => void } {
  if (shell.err.isTTY !== true) return { show: () => {}, end: () => {} };
  let shown = "";
  return {
    show: ({ objects, bytes }) => {
      const text = `${objects}/${upload.objects.length} objects, ${formatBytes(bytes)} of ${formatBytes(upload.bytes)}`;
      if (text !== shown) shell.err.write(`\r${text}\u001b[K`);
      shown = text;
    },
    end: () => {
      if (shown !== "") shell.err.write("\n");
    },
  };
}
