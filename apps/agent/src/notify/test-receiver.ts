import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { temporaryDirectory } from "../test-fleet.ts";

/** Support for tests: a real notification socket, as systemd has it. Node has no datagram sockets of the unix family, so Python reads it. */

const receive = `
import json, os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1])
print(json.dumps({"text": "listening", "pid": 0}), flush=True)
while True:
    data, ancillary, _, _ = s.recvmsg(65536, 1024)
    pid = 0
    for _, kind, value in ancillary:
        if kind == socket.SCM_RIGHTS: os.close(struct.unpack("i", value[:4])[0])
        else: pid = struct.unpack("3i", value)[0]
    if data != b"BARRIER=1": print(json.dumps({"text": data.decode(), "pid": pid}), flush=True)
`;

export interface Datagram {
  readonly text: string;
  /** The process it came from, as the kernel vouches for it. */
  readonly pid: number;
}

export interface Receiver extends AsyncDisposable {
  readonly socket: string;
  next(): Promise<Datagram>;
  /** What came since the last `next`. */
  readonly waiting: readonly Datagram[];
}

export async function startReceiver(): Promise<Receiver> {
  const directory = await temporaryDirectory();
  const socket = join(directory.path, "notify");
  const child = spawn("python3", ["-c", receive, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const waiting: Datagram[] = [];
  let wake = (): void => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    waiting.push(JSON.parse(line) as Datagram);
    wake();
  });
  const next = async (): Promise<Datagram> => {
    for (;;) {
      const first = waiting.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  await next();
  return {
    socket,
    next,
    waiting,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
      await directory[Symbol.asyncDispose]();
    },
  };
}
