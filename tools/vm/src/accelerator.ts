import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { VmError } from "./vm-error.ts";

export type Accelerator = "kvm" | "tcg";

/** What a guest's own initramfs prints: only a guest that really runs gets there. */
const alive = "initramfs: running";
/** A guest that runs under KVM is there in two seconds; one that never gets there says so by silence. */
const trialMillis = 20_000;

/** Arguments of QEMU for each. `qemu64`: `max` makes emulated boots twice as slow. `tb-size`: MiB of translated code; by default QEMU keeps up to 1024. */
export const acceleratorArguments: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ["-accel", "kvm", "-cpu", "host"],
  tcg: ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "qemu64"],
};

/**
 * KVM when a guest really runs under it, emulation otherwise: /dev/kvm may open, and yet the distribution's kernel hang in it. Tried with the kernel that the
 * machines have.
 */
export async function detectAccelerator(boot: { readonly kernel: string; readonly initramfs: string; readonly signal: AbortSignal }): Promise<{ readonly accelerator: Accelerator; readonly why: string }> {
  if (!(await access("/dev/kvm", constants.R_OK | constants.W_OK).then(() => true, () => false))) return { accelerator: "tcg", why: "there is no /dev/kvm to use" };
  const ran = await guestRuns("kvm", boot);
  return ran ? { accelerator: "kvm", why: "a guest ran under it" } : { accelerator: "tcg", why: `/dev/kvm is there, but no guest came to life under it in ${trialMillis / 1000} s` };
}

async function guestRuns(accelerator: Accelerator, { kernel, initramfs, signal }: { readonly kernel: string; readonly initramfs: string; readonly signal: AbortSignal }): Promise<boolean> {
  const child = spawn(
    "setpriv",
    [
      ...["--pdeathsig", "KILL", "--", "qemu-system-x86_64", ...acceleratorArguments[accelerator], "-m", "256", "-nodefaults", "-display", "none", "-no-reboot"],
      ...["-kernel", kernel, "-initrd", initramfs, "-append", "console=ttyS0", "-serial", "stdio"],
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  let console = "";
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), trialMillis);
  const abort = (): void => reject(new VmError({ code: "not-tried", phase: "accelerator", subject: accelerator, reason: "interrupted" }));
  signal.addEventListener("abort", abort, { once: true });
  child.stdout.on("data", (chunk: Buffer) => {
    console = (console + chunk.toString("latin1")).slice(-100_000);
    if (console.includes(alive)) resolve(true);
  });
  child.once("error", () => resolve(false));
  child.once("exit", () => resolve(console.includes(alive)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    child.kill("SIGKILL");
  }
}
