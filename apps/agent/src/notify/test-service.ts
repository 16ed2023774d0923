import { silentLogger } from "@treeline/process";
import { SystemdNotify } from "./systemd-notify.ts";

// A service that tests run under the real systemd. SIGUSR2: it is ready. SIGHUP: its work stands still from now on.
let alive = true;
const notify = new SystemdNotify({ alive: () => alive, logger: silentLogger });
setInterval(() => {}, 60_000);
process.on("SIGHUP", () => (alive = false));
process.once("SIGUSR2", () => void notify.ready().then(() => notify.status("working")));
process.once("SIGTERM", () => void notify.stopping().then(() => notify.status("stopping")));
await notify.status("starting");
