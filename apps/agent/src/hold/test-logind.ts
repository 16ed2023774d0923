import { spawn } from "node:child_process";
import { accessSync } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { temporaryDirectory } from "../test-fleet.ts";

/** Support for tests: the real systemd-logind, on a bus of its own, in namespaces that end with the test. */

const programs = ["/usr/bin/dbus-daemon", "/lib/systemd/systemd-logind", "/usr/bin/systemd-inhibit", "/usr/bin/busctl", "/usr/bin/unshare"];

/** Whether this computer has what it takes: root, dbus and systemd. */
export function logindCanRun(): boolean {
  try {
    programs.forEach((program) => accessSync(program));
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

const script = (bus: string): string => `
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/inhibit /run/systemd/users /run/systemd/seats /run/systemd/sessions
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=${bus}
dbus-daemon --system --nofork --nopidfile --address=$DBUS_SYSTEM_BUS_ADDRESS &
until [ -S ${bus} ]; do sleep 0.05; done
/lib/systemd/systemd-logind &
until busctl --timeout=1 status org.freedesktop.login1 >/dev/null 2>&1; do sleep 0.1; done
echo ready
while read -r mode what who why; do
  systemd-inhibit --mode="$mode" --what="$what" --who="$who" --why="$why" sh -c 'echo held; exec sleep 600' </dev/null &
done
`;

export interface TestLogind extends AsyncDisposable {
  /** Takes a lock, held until the end of the test. No blanks in any but `why`. */
  inhibit(lock: { readonly mode: string; readonly what: string; readonly who: string; readonly why: string }): Promise<void>;
}

/** Starts it, and makes it the system bus of this process. */
export async function startLogind(): Promise<TestLogind> {
  const directory = await temporaryDirectory();
  const bus = join(directory.path, "bus");
  const child = spawn("unshare", ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script(bus)], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (expected: string): Promise<void> => {
    const line = await lines.next();
    if (line.value !== expected) throw new Error(`systemd-logind: ${JSON.stringify(line)} instead of ${expected}`);
  };
  await answer("ready");
  process.env["DBUS_SYSTEM_BUS_ADDRESS"] = `unix:path=${bus}`;
  return {
    async inhibit({ mode, what, who, why }) {
      child.stdin.write(`${mode} ${what} ${who} ${why}\n`);
      await answer("held");
    },
    async [Symbol.asyncDispose]() {
      delete process.env["DBUS_SYSTEM_BUS_ADDRESS"];
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
      await directory[Symbol.asyncDispose]();
    },
  };
}
