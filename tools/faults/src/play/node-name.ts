import { createHash } from "node:crypto";
import type { FaultCase } from "../matrix/fault-case.ts";

const longest = 60;
const digits = 6;

/** The name of a case's machine and of its rollout: letters, digits and hyphens; for a long one its end is a hash. */
export function nodeName({ name }: Pick<FaultCase, "name">): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  if (plain.length <= longest) return plain;
  return `${plain.slice(0, longest - digits - 1).replace(/-$/, "")}-${createHash("sha256").update(name).digest("hex").slice(0, digits)}`;
}
