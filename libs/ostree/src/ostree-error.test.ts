import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { classifyStderr, errorRules, OstreeError, ostreeError } from "./ostree-error.ts";
import { ostree } from "./ostree.ts";
import { CommandError } from "./run.ts";

const sum = "314975a28d729d10b32e4702d309dac1302335efbf7ad28dd5c3edf7d2b2597e";

/** From ostree 2022.7 with real faults; where a fault could not be made here, from the format strings in its source. */
const table = [
  ["error: Writing content object: Need more input", "corrupt-object", true],
  [`error: Writing content object: Corrupted file object; checksum expected='${sum}' actual='${sum}'`, "corrupt-object", true],
  [`error: fsck content object ${sum}: Corrupted archive file; invalid mode 65444`, "corrupt-object", true],
  ["error: Data is corrupt", "corrupt-object", true],
  ["error: Server returned HTTP 404", "http-status", false],
  ["error: Server returned HTTP 403", "http-status", false],
  ["error: Server returned HTTP 400", "http-status", false],
  ["error: Server returned HTTP 502", "http-status", true],
  ["error: Server returned HTTP 500", "http-status", true],
  ["error: Server returned HTTP 503", "http-status", true],
  ["error: Server returned HTTP 429", "http-status", true],
  ["error: No such branch 'nope' in repository summary", "not-found-ref", false],
  ["error: Refspec 'zzz' not found", "not-found-ref", false],
  ['error: Remote "nope" not found', "not-found-remote", true],
  ["error: While fetching http://127.0.0.1:1/tok/config: [7] Couldn't connect to server", "network", true],
  ["error: While fetching http://nope.invalid/tok/config: [6] Couldn't resolve host name", "network", true],
  ["error: While fetching http://127.0.0.1:1/a: [52] Server returned nothing (no headers, no data)", "network", true],
  ["error: While fetching https://h/config: [56] Failure when receiving data from the peer", "network", true],
  ["error: While fetching https://h/config: [55] Failed sending data to the peer", "network", true],
  ["error: While fetching https://h/config: [28] Timeout was reached", "network", true],
  ["error: While fetching https://h/config: [35] SSL connect error", "tls", false],
  ["error: While fetching https://h/config: [60] SSL peer certificate or SSH remote key was not OK", "tls", false],
  ["error: While fetching https://h/config: [77] Problem with the SSL CA cert (path? access rights?)", "tls", false],
  [`error: Can't verify commit: ed25519: Signature couldn't be verified with: key 'AAAA'`, "signature", false],
  [
    `error: Commit ${sum}: Signature made Thu 01 Jan 2026 using EdDSA key ID 12\nCan't check signature: public key not found`,
    "signature",
    false,
  ],
  [
    `error: Commit ${sum}: GPG verification enabled, but no signatures found (use gpg-verify=false in remote config to disable)`,
    "signature",
    false,
  ],
  [
    "error: GPG verification enabled, but no summary.sig found (use gpg-verify-summary=false in remote config to disable)",
    "signature",
    false,
  ],
  ["error: Requested signature type is not implemented", "unsupported", false],
  ["error: Unknown option --commit-metadata-only", "unsupported", false],
  [`error: Unknown "admin" subcommand 'set-default'`, "unsupported", false],
  ["error: GPG signatures found, but none are in trusted keyring", "signature", false],
  [
    `error: Upgrade target revision '${sum}' with timestamp 'x' is chronologically older than current revision '${sum}' with timestamp 'y'; use --allow-downgrade to permit`,
    "downgrade",
    false,
  ],
  ["error: Writing content object: fallocate: No space left on device", "no-space", true],
  ["error: Performing initial cleanup: Generating deployment refs: mkdirat: No space left on device", "no-space", true],
  ["error: Writing content object: min-free-space-size 1500MB would be exceeded, at least 4.1 kB requested", "no-space", true],
  ["error: No space left on device", "no-space", true],
  ["error: Writing content object: min-free-space-percent '3%' would be exceeded, at least 4.1 kB requested", "no-space", true],
  ["error: Writing content object: write: Disk quota exceeded", "no-space", true],
  ["error: Writing content object: Input/output error", "disk-fault", false],
  [`error: No such metadata object ${sum}.commit`, "missing-object", true],
  [`error: Couldn't find file object '${sum}'`, "missing-object", true],
  [`error: Commit ${sum}, which is the delta source, is not in repository`, "missing-object", true],
  ["error: Out of range deployment index 9, expected < 1", "not-found-deployment", true],
  ["error: Invalid index: booted", "not-found-deployment", true],
  ["error: Cannot undeploy currently booted deployment 0", "deployment-in-use", false],
  ["error: opening repo: opendir(/nope): No such file or directory", "not-found-sysroot", false],
  ["error: opendir(var): No such file or directory", "not-found-sysroot", false],
  ["error: Remounting /sysroot read-write: Operation not permitted", "read-only", false],
  ["error: Creating deployment: mkdirat: Read-only file system", "read-only", false],
  ["error: Initializing with mountns: Reading /proc/1/ns/mnt: readlinkat: Permission denied", "not-permitted", false],
  ["error: mkdir(foo): Permission denied", "not-permitted", false],
  [`error: Remote "half" must specify both "tls-client-cert-path" and "tls-client-key-path"`, "bad-input", false],
  [`error: Inspecting path '/usr/bin/x': No such file or directory: /usr/bin/x`, "not-found-path", false],
  [`error: Inspecting path '/usr/bin/x/y': Not a directory`, "not-found-path", false],
  ["error: Remounting /sysroot read-write: Device or resource busy", "locked", true],
  ["error: Push lock: Could not acquire lock within 30 seconds", "locked", true],
  ["error: libostree bindings missing (No module named 'gi'): install python3-gi", "tool-missing", false],
  ["error: something nobody has seen", "unknown", false],
  ["", "unknown", false],
] as const;

test.each(table)("%s", (text, code, retryable) => {
  const found = classifyStderr(`progress 1%\n${text}\n`);
  expect(found).toMatchObject({ code, retryable });
  expect(found.remedy).not.toBe("");
});

test("every rule has a text of its own, which no rule before it takes", () => {
  for (const { code, remedy, example } of errorRules) {
    expect(classifyStderr(`error: ${example}`)).toMatchObject({ code, remedy });
  }
});

test("the documentation has every text, in order, with what is done about it", async () => {
  const path = fileURLToPath(new URL("../../../docs/upgrades.md", import.meta.url));
  const row = ({ example, code, retryable, remedy }: (typeof errorRules)[number]): string =>
    `| \`${example}\` | \`${code}\` | ${code === "http-status" ? "if 408, 425, 429, 5xx" : retryable ? "yes" : "no"} | ${remedy} |`;
  const table = ["| what ostree says | code | may pass | what to do |", "|---|---|---|---|", ...errorRules.map(row)].join("\n");
  const [before = "", , after = ""] = (await readFile(path, "utf8")).split(
    /(?<=<!-- errors: begin[^\n]*-->\n)([^]*?)(?=\n<!-- errors: end -->)/,
  );
  // `vitest -u` writes it anew.
  await expect(`${before}${table}${after}`).toMatchFileSnapshot(path);
});

test("names the status of the server and the object that lacks", () => {
  expect(classifyStderr("error: Server returned HTTP 403")).toMatchObject({ httpStatus: 403 });
  expect(classifyStderr(`error: No such metadata object ${sum}.commit`)).toMatchObject({ detail: `${sum}.commit` });
});

test.each([
  ["aborted", "aborted"],
  ["signal", "killed"],
  ["not-found", "tool-missing"],
  ["output-limit", "unexpected-output"],
] as const)("a command that ended by %s is %s", (failure, code) => {
  const cause = new CommandError({ command: ["ostree", "pull"], failure, exitCode: null, signal: null, stderrTail: "" });
  expect(ostreeError({ phase: "pull", subject: sum, cause })).toMatchObject({ code, phase: "pull", subject: sum, cause });
});

test("the real ostree's failure arrives as an OstreeError that says phase, subject, reason and remedy", async () => {
  const error = await ostree({ args: ["refs", "--repo=/nonexistent"], phase: "list refs", subject: "/nonexistent" }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OstreeError);
  expect(error).toMatchObject({ code: "not-found-sysroot", phase: "list refs", retryable: false });
  expect((error as OstreeError).message).toBe(
    "list refs of /nonexistent failed (not-found-sysroot): opening repo: opendir(/nonexistent): No such file or directory. " +
      "Check the path of the repository or sysroot and the name of the operating system (`ostree admin os-init`).",
  );
});
