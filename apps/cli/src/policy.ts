import { randomBytes } from "node:crypto";
import { isChecksum, shortChecksum } from "@treeline/fleet";

/** A rollout's name made of its release and four random characters, such as "42.1-k3x9". */
export function generatedName(release: string): string {
  const isCommit: boolean = isChecksum(release);
  const base = (isCommit ? shortChecksum(release) : release.toLowerCase())
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .slice(0, 50)
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return `${base === "" ? "rollout" : base}-${randomBytes(2).toString("hex")}`;
}
