/** Where an image (or its administrator) puts the public keys of those who sign releases: in files NAME.pub a key per line, perhaps with its window. */
export const releaseKeyDirectories: readonly string[] = ["/usr/lib/treeline/release-keys.d", "/etc/treeline/release-keys.d"];

/** The same for GPG keyrings, NAME.asc or NAME.gpg. Where there is one, a release needs a GPG signature, too: ostree checks it at every pull. */
export const gpgKeyDirectories: readonly string[] = ["/usr/lib/treeline/gpg-keys.d", "/etc/treeline/gpg-keys.d"];
