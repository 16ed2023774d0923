/** Labels of a node. Ours begin with `treeline.dev/`. */
export type Labels = Readonly<Record<string, string>>;

const namePart = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const prefixPart = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * Kubernetes' rules for label keys and values
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
 * Returns what is wrong, or undefined.
 */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = slash < 0 ? key : key.slice(slash + 1);
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (prefix !== undefined && (prefix.length > 253 || !prefixPart.test(prefix))) return `label prefix "${prefix}" is not a DNS name`;
  if (!namePart.test(name))
    return `label name "${name}" must be 1 to 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or digit`;
  return undefined;
}

export function labelValueProblem(value: string): string | undefined {
  if (value === "" || namePart.test(value)) return undefined;
  return `label value "${value}" must be at most 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or digit`;
}
