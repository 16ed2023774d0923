import type { Checksum, Health, OsState } from "@treeline/fleet";
import type { Change, DeploymentRef, GuardOrder, GuardState, HookKind, HookResult, JournalAttempt, StageResult, Step } from "@treeline/upgrade";
import type { ResourceWatch } from "../checks/resources.ts";
import type { StepResult } from "./deploy.ts";
import type { Fetched } from "./fetch-release.ts";
import type { TidyView } from "./hygiene.ts";
import type { Reboot } from "./reboot.ts";

/** What the plan's steps do to the host. Each settles with no child of its own alive. */
export interface Steps {
  readOs(): Promise<OsState>;
  runChecks(signal: AbortSignal): Promise<Health>;
  stage(
    attempt: JournalAttempt,
    during: {
      readonly os: OsState;
      readonly maxBytesPerSecond: number | undefined;
      readonly onProgress: (done: Fetched) => void;
      readonly beforeContent: () => Promise<void>;
      readonly signal: AbortSignal;
    },
  ): Promise<StageResult>;
  /** The kinds of hooks that have programs now. */
  presentHooks(): Promise<readonly HookKind[]>;
  runHooks(kind: HookKind, attempt: JournalAttempt, signal: AbortSignal): Promise<HookResult>;
  /** Who does not want the host to be rebooted now. */
  heldBy(): Promise<readonly string[]>;
  readonly guard: Guard;
  deploy(what: Pick<Extract<Step, { do: "deploy" }>, "target"> & { readonly os: OsState; readonly mayAct: () => boolean }): Promise<StepResult | "expired">;
  makeDefault(what: ChangeOnHost): Promise<StepResult | "expired">;
  takeBack(what: ChangeOnHost): Promise<StepResult | "expired">;
  readonly reboot: Reboot;
  /** Returns whether what was asked for is so. */
  keep(checksum: Checksum | undefined, os: OsState): Promise<boolean>;
  /** What the host has before an attempt, for the check that none of it is lost. Undefined: nothing tells. */
  readonly resources: Pick<ResourceWatch, "remember" | "forget"> | undefined;
  /** Lets go of what ended attempts held and left on the disk; does nothing while nothing has changed. */
  tidy(view: TidyView): Promise<void>;
}

/** The boot guard's program: what it says, and what it is told. */
export interface Guard {
  /** Undefined: this host has none now. */
  read(): Promise<GuardState | undefined>;
  arm(order: GuardOrder): Promise<void>;
  disarm(proven?: DeploymentRef): Promise<void>;
}

/** `mayAct`, when there: the change needs a grant, and this says at the last moment whether it still holds. */
export interface ChangeOnHost extends Pick<Change, "deployment"> {
  readonly os: OsState;
  readonly mayAct: (() => boolean) | undefined;
  readonly signal: AbortSignal;
}
