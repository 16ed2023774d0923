/** One line of a unit's text that says something, systemd.syntax(7). */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** What a unit's text says: comments left out, continued lines joined, blanks around the `=` dropped. */
export function assignmentsOf(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  let section = "";
  let begun = "";
  for (const line of text.split("\n")) {
    const part = line.trimStart();
    // A comment between two parts of a line does not end it.
    if (/^[#;]/.test(part)) continue;
    if (/(?<!\\)(?:\\\\)*\\$/.test(part)) {
      begun += `${part.slice(0, -1)} `;
      continue;
    }
    const whole = (begun + part).trim();
    begun = "";
    section = /^\[(.*)\]$/.exec(whole)?.[1] ?? section;
    const [, key, value] = /^([^=[]*)=([^]*)$/.exec(whole) ?? [];
    if (key !== undefined && value !== undefined) found.push({ section, key: key.trim(), value: value.trim() });
  }
  return found;
}

/** Settings by which a program lies elsewhere than its path, or the search path, says. */
const elsewhere: ReadonlySet<string> = new Set(["ExecSearchPath", "RootDirectory", "RootImage"]);

/**
 * The programs that a service starts (ExecStart), by its text and those of its drop-ins in their order: a path, or a bare name that systemd looks for itself;
 * undefined for what the text alone does not tell (a specifier, an escape). Of several commands in one line, the first. systemd.service(5)
 */
export function startedBy(texts: readonly string[]): readonly (string | undefined)[] {
  const service = texts.flatMap(assignmentsOf).filter(({ section }) => section === "Service");
  const isElsewhere = service.some(({ key, value }) => elsewhere.has(key) && value !== "");
  const lines = service.filter(({ key }) => key === "ExecStart").map(({ value }) => value);
  // An empty one takes back those before it.
  return lines.slice(lines.lastIndexOf("") + 1).map((line) => (isElsewhere ? undefined : programOf(line)));
}

function programOf(command: string): string | undefined {
  const [, double, single, bare] = /^(?:"([^"]*)"|'([^']*)'|(\S+))(?=\s|$)/.exec(command) ?? [];
  // What stands before the path says how it is run. It may be within the quotes.
  const program = (double ?? single ?? bare ?? "").replace(/^[-@:+!|]+/, "");
  return program === "" || /[%$\\"']/.test(program) ? undefined : program;
}
