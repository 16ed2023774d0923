import { afterEach, beforeEach } from "vitest";
import { createWorkplace, type Ended, type Workplace } from "./test-launcher.ts";
import { createIdentity, startTestServer, type TestServer, type TestServerOptions } from "./test-server.ts";

export interface TestBench {
  /** A home of this test's own. */
  readonly work: () => Workplace;
  /** A server that ends with the test. */
  serve(options: TestServerOptions): Promise<TestServer>;
  /** Ends the newest server now, as a crash would. */
  stopServer(): Promise<void>;
  /** Runs the launcher with the credential of `server`. */
  treeline(server: TestServer, ...args: readonly string[]): Promise<Ended>;
}

/** For each test of a file: a home, and servers with the real protocol over TLS. */
export function useTestBench(): TestBench {
  // One for all: making a key and a certificate takes as long as some tests.
  const identity = createIdentity();
  const servers: TestServer[] = [];
  let current: Workplace | undefined;

  const work = (): Workplace => {
    if (current === undefined) throw new Error("the bench is there only while a test runs");
    return current;
  };
  beforeEach(async () => {
    current = await createWorkplace();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
    await work()[Symbol.asyncDispose]();
  });
  return {
    work,
    async serve(options) {
      const server = await startTestServer({ identity, ...options });
      servers.push(server);
      return server;
    },
    async stopServer() {
      await servers.pop()?.[Symbol.asyncDispose]();
    },
    async treeline(server, ...args) {
      return work().treeline(args, { env: { TREELINE_CREDENTIAL: await work().write("credential.yaml", server.credential) } });
    },
  };
}
