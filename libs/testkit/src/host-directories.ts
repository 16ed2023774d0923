import { existsSync, readdirSync } from "node:fs";

/**
 * The directories of the host's /usr that a machine mounts into its own, relative to the root and in mounting order. A composed tree ships
 * them as empty mount points and carries no program of its own: `ostree`, `bash`, `node`'s libraries, gpg and the system's Python with its GObject
 * bindings (never a pyenv one) are the host's.
 */
export function hostDirectories(): readonly string[] {
  const libraries = existsSync("/usr/lib") ? readdirSync("/usr/lib") : [];
  return [
    "usr/bin",
    "usr/sbin",
    "usr/libexec",
    "usr/lib64",
    ...libraries.filter((name) => existsSync(`/usr/lib/${name}/libc.so.6`)).map((name) => `usr/lib/${name}`),
    ...libraries.filter((name) => /^python3(\.\d+)?$/.test(name)).map((name) => `usr/lib/${name}`),
    "usr/lib/girepository-1.0",
    "usr/lib/locale",
    "usr/lib/gnupg",
  ].filter((directory) => existsSync(`/${directory}`));
}
