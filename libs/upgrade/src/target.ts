import { bySeverity, spaceFindings, type Finding, type NeededProgram, type SpaceFacts, type StartPath } from "./preflight.ts";

/** What can be said against a release once it lies in the repository: facts about the host as it will be after the boot into it. */
export interface TargetFacts {
  /** What must start after the boot, and could not. */
  readonly unfit: readonly UnfitStart[];
  /** Units of the agent and the guard that would not be started by systemd. */
  readonly units: readonly DeadUnit[];
  /** Programs that are needed, and would not be found. */
  readonly missingPrograms: readonly NeededProgram[];
  /** What the way back through libostree's bindings would lack, where ostree would have no `admin set-default` either; empty: there is a way. */
  readonly wayBackLacks: readonly string[];
  readonly space: SpaceFacts;
  readonly kernelBytes: number | undefined;
}

/** `missing`: no file is there. */
export interface UnfitStart extends StartPath {
  readonly state: "missing" | "empty" | "not executable";
}

export interface DeadUnit {
  readonly unit: string;
  /** `disabled`: something pulls it into the boot today, and nothing would then. `starts nothing`: no ExecStart is left. */
  readonly state: "missing" | "masked" | "disabled" | "starts nothing";
}

/** Findings once the release lies in the repository: whether it would come up with an agent and a guard that can work, and whether its kernel fits. */
export function targetFindings({ unfit, units, missingPrograms, wayBackLacks, space, kernelBytes }: TargetFacts): readonly Finding[] {
  return bySeverity([
    ...unfit.map(unfitFinding),
    ...units.map(unitFinding),
    ...missingPrograms.map(programFinding),
    ...(wayBackLacks.length === 0 ? [] : [noWayBack(wayBackLacks)]),
    ...spaceFindings(space, { content: undefined, kernelBytes }),
  ]);
}

function unfitFinding({ what, path, state }: UnfitStart): Finding {
  if (state === "missing") return notThere(what, path);
  return {
    ...notThere(what, path),
    reason: `${what} would be ${state === "empty" ? "an empty file" : "without any execute bit"} after the boot into this release`,
    remedy:
      state === "empty"
        ? "Compose the release with the whole file; if it lies in /etc or /var, restore it on this host."
        : `Compose the release with \`chmod 755 ${path}\`; if it lies in /etc or /var, do that on this host.`,
  };
}

const notThere = (what: string, path: string): Finding => ({
  code: "not-started-after-boot",
  severity: "refuse",
  subject: path,
  reason: `${what} would not be there after the boot into this release`,
  remedy: "Compose the release with it, or install it where a release does not reach (/usr/local, /var, /etc).",
});

function unitFinding({ unit, state }: DeadUnit): Finding {
  switch (state) {
    case "missing":
      return notThere("the unit", unit);
    case "starts nothing":
      return {
        ...notThere("the unit", unit),
        reason: "the unit would have no ExecStart after the boot into this release, and start nothing",
        remedy: `Compose the release with an ExecStart in the [Service] section of the unit; look for a drop-in that takes it back: ${unit}.d/*.conf in the release and in /etc/systemd/system.`,
      };
    case "masked":
      return {
        code: "not-enabled-after-boot",
        severity: "refuse",
        subject: unit,
        reason: "the unit would be masked after the boot into this release",
        remedy: `Compose the release without the mask (a link to /dev/null, or an empty file), or unmask it on this host: \`systemctl unmask ${unit}\`.`,
      };
    case "disabled":
      return {
        code: "not-enabled-after-boot",
        severity: "refuse",
        subject: unit,
        reason: "the unit is enabled today, and nothing would start it after the boot into this release",
        remedy: `Enable it in the release (\`systemctl enable\` when it is composed, or a link in /usr/lib/systemd/system/TARGET.wants), or on this host: \`systemctl enable ${unit}\`.`,
      };
  }
}

const programFinding = ({ name, package: from, because }: NeededProgram): Finding => ({
  code: "tool-missing-after-boot",
  severity: "refuse",
  subject: name,
  reason: `the program would not be there after the boot into this release${because === undefined ? "" : `, and ${because}`}`,
  remedy: `Compose the release with the package ${from}.`,
});

const noWayBack = (lacks: readonly string[]): Finding => ({
  code: "no-way-back-after-boot",
  severity: "refuse",
  subject: "ostree admin set-default",
  reason: `the release's ostree has no such command, and for libostree's bindings it lacks ${lacks.join(", ")}: from it there would be no way back`,
  remedy: "Compose the release with python3-gi and gir1.2-ostree-1.0 (Debian) or python3-gobject-base (Fedora), or with a newer ostree.",
});
