import { keyringsIn } from "@treeline/ostree";
import type { NeededProgram } from "@treeline/upgrade";

/** Programs that the agent and the boot guard run by their names, now and after every boot. */
export const neededPrograms: readonly NeededProgram[] = [
  { name: "ostree", package: "ostree" },
  { name: "unshare", package: "util-linux" },
  { name: "mount", package: "mount or util-linux" },
  { name: "setpriv", package: "util-linux" },
  { name: "flock", package: "util-linux" },
  { name: "sha256sum", package: "coreutils" },
  { name: "systemctl", package: "systemd" },
];

/** What ostree runs to check a GPG signature, through libgpgme; without it, it says that there are no signatures. */
export const gpg = (directory: string): NeededProgram => ({
  name: "gpg",
  package: "gpg (Debian) or gnupg2 (Fedora)",
  because: `the GPG keyrings in ${directory} ask for it: no GPG signature could be checked`,
});

/** What is needed besides, where one of the directories has a keyring. */
export async function neededForKeyrings(directories: readonly string[]): Promise<readonly NeededProgram[]> {
  for (const directory of directories) if ((await keyringsIn(directory)).length > 0) return [gpg(directory)];
  return [];
}
