/** Where a value came from. */
export type Origin =
  | { readonly kind: "file"; readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string }
  /** Nobody gave it. */
  | { readonly kind: "default" };

/** One thing that is wrong with a configuration. Never contains the value, which may be a secret. */
export interface ConfigurationProblem {
  /** The setting, as in the file: `listen.front`; empty for the file as a whole. */
  readonly path: string;
  readonly origin: Origin;
  readonly reason: string;
  readonly remedy: string;
}

/** A configuration that cannot be used, with everything that is wrong with it at once. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "configuration-invalid";
  readonly phase = "load-configuration";
  /** The program. */
  readonly subject: string;
  readonly problems: readonly ConfigurationProblem[];

  constructor(program: string, problems: readonly ConfigurationProblem[], cause?: unknown) {
    super(rendered(program, problems), cause === undefined ? undefined : { cause });
    this.subject = program;
    this.problems = problems;
  }

  /** For people: a heading, then one line for each problem, with no newline at the end. */
  render(): string {
    return rendered(this.subject, this.problems);
  }
}

/** A problem on one line: `agent.yaml:3:5: listen.frnt: unknown key: did you mean "front"?` */
export function renderedProblem({ path, origin, reason, remedy }: ConfigurationProblem): string {
  return [renderedOrigin(origin), path, reason, remedy].filter((part) => part !== "").join(": ");
}

function rendered(program: string, problems: readonly ConfigurationProblem[]): string {
  const count = problems.length === 1 ? "an error" : `${problems.length} errors`;
  return [`${program}: the configuration has ${count}`, ...problems.map((problem) => `  ${renderedProblem(problem)}`)].join("\n");
}

function renderedOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "file":
      return [origin.file, origin.line, origin.column].filter((part) => part !== undefined).join(":");
    case "environment":
      return origin.variable;
    case "flag":
      return `--${origin.flag}`;
    case "default":
      return "";
  }
}
