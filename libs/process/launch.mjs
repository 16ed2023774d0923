// Plain JavaScript that an older Node can read, because its first task is to find the right Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const needed = 24;
const marker = "TREELINE_LAUNCHED_BY";

/**
 * Starts a program of ours with the Node it needs: in this process when that Node runs it, else with the one that the checkout's packages bring.
 * @param {{ program: string, from: string, start: () => Promise<unknown> }} options `from`: the launcher's import.meta.url
 */
export async function launch({ program, from, start }) {
  if (Number(process.versions.node.split(".")[0]) >= needed) {
    delete process.env[marker];
    await start();
  } else {
    startAgain(program, fileURLToPath(from));
  }
}

/** @param {string} program @param {string} launcher */
function startAgain(program, launcher) {
  const node = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
  // Started by this very file already: that Node is too old as well, and would start itself for ever.
  if (process.env[marker] !== undefined || !existsSync(node)) {
    process.stderr.write(`error: ${program} needs Node ${needed} or later, this is ${process.version}\n`);
    process.stderr.write("hint: run `npm install` in the checkout, which brings its own Node, or put a newer one on PATH\n");
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [launcher, ...process.argv.slice(2)], { stdio: "inherit", env: { ...process.env, [marker]: process.version } });
  // An interrupt from the terminal reaches the child by itself; one that was sent to this process alone does not.
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {});
  child.on("error", (error) => {
    process.stderr.write(`error: cannot start ${node}: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
