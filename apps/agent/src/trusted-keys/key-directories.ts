/** Where an image (or its administrator) puts the public keys of those who sign releases: in files NAME.pub a key per line, perhaps with its window. */
export const releaseKeyDirectories: readonly string[] = ["/usr/lib/treeline/release-keys.d", "/etc/treeline/release-keys.d"];

/** The remote by which ostree checks GPG signatures. */
export const gpgRemoteName = "treeline-gpg";

/** Where GPG keyrings may lie, NAME.asc or NAME.gpg. Where there is one, a release needs a GPG signature, too: ostree checks it before it is pulled. */
export const gpgKeyDirectories: readonly string[] = ["/usr/lib/treeline/gpg-keys.d", "/etc/treeline/gpg-keys.d"];
