import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { addSignature, publicKeyOf, readCommit, resolveRef, signaturesOf, signCommit, verifyCommit, writeDetached } from "@treeline/ostree";
import { CliError } from "./cli-error.ts";
import { reasonOf } from "./text-file.ts";

/** The commit that a ref of a local repository points to. @throws CliError not-found, OstreeError */
export async function commitOfRef(repo: string, ref: string): Promise<string> {
  const checksum = await resolveRef({ repo, ref });
  if (checksum !== null) return checksum;
  throw new CliError(`${repo} has no ref ${ref}`, {
    code: "not-found",
    subject: ref,
    remedy: `\`ostree refs --repo=${repo} --list\` shows those it has`,
  });
}

/** Adds the signature of `secretKey` to a commit, beside those that are there; returns the public key. @throws KeyFormatError, CommitMetaError, OstreeError */
export async function addCommitSignature(options: {
  readonly repo: string;
  readonly checksum: string;
  readonly secretKey: string;
}): Promise<string> {
  const { repo, checksum, secretKey } = options;
  const { commit, commitmeta } = await readCommit({ repo, checksum });
  await writeDetached({ repo, checksum, commitmeta: addSignature(commitmeta, signCommit(commit, secretKey)) });
  const publicKey = publicKeyOf(secretKey);
  // Read back: what counts is what a node will find.
  const verified = verifyCommit({ ...(await readCommit({ repo, checksum })), checksum, trustedKeys: [publicKey] });
  if (verified.ok) return publicKey;
  throw new CliError(`commit ${checksum} does not verify after it was signed (${verified.reason})`, {
    code: "repository-unfit",
    subject: checksum,
    exitCode: 1,
    remedy: `run \`ostree fsck --repo=${repo}\``,
  });
}

/** @throws CliError unsigned, with how to sign */
export async function requireSigned(options: { readonly repo: string; readonly ref: string; readonly checksum: string }): Promise<void> {
  const { repo, ref, checksum } = options;
  const { commitmeta } = await readCommit({ repo, checksum });
  const signatures = commitmeta === null ? [] : signaturesOf(commitmeta);
  if (signatures !== null && signatures.length > 0) return;
  throw new CliError(
    `commit ${checksum} is ${signatures === null ? "not readably signed: its .commitmeta is damaged" : "not signed"}, and no node would accept it`,
    {
      code: "unsigned",
      subject: checksum,
      exitCode: 1,
      remedy: `sign it with \`treeline release sign --repo ${repo} --ref ${ref} --key FILE\`; \`treeline release keygen\` makes a key`,
    },
  );
}

/** Objects of other repositories have no compressed files to send. @throws CliError repository-unfit, file-unreadable */
export async function requireArchive(repo: string): Promise<void> {
  let config: string;
  try {
    config = await readFile(join(repo, "config"), "utf8");
  } catch (cause) {
    throw new CliError(`${repo} is not an ostree repository: cannot read its config (${reasonOf(cause)})`, {
      code: "repository-unfit",
      subject: repo,
      remedy: "check --repo",
      cause,
    });
  }
  const mode = /^\s*mode\s*=\s*(\S+)\s*$/m.exec(config)?.[1];
  if (mode === "archive" || mode === "archive-z2") return;
  throw new CliError(`${repo} is a repository of mode ${mode ?? "unknown"}; releases are published from an archive repository`, {
    code: "repository-unfit",
    subject: repo,
    remedy: `make one: \`ostree init --repo=ARCHIVE --mode=archive && ostree pull-local --repo=ARCHIVE ${repo} REF\``,
  });
}
