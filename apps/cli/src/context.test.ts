import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CliError } from "./cli-error.ts";
import { chooseCredential } from "./connect.ts";
import { configFile, emptyConfig, findContext, parseConfig, readConfig, withContext, writeConfig } from "./context.ts";
import { parseCredential, type Credential } from "./credential.ts";
import { failureOf, renderFailure } from "./failure.ts";
import type { Shell } from "./shell.ts";
import { credentialText } from "./test-server.ts";

const ca = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
const secret = "tlo_a-secret-that-must-not-be-seen";
const berlin: Credential = {
  name: "berlin",
  endpoint: "berlin.example.org:7440",
  contentEndpoint: "https://berlin.example.org:7443",
  ca,
  token: secret,
};
const oslo: Credential = { ...berlin, name: "oslo", endpoint: "oslo.example.org:7440" };

let home: string;
let said: string;
let shell: Shell;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "treeline-cli-"));
  said = "";
  const sink = { write: (text: string): void => void (said += text) };
  shell = { env: {}, home, stdin: Readable.from([]), out: sink, err: sink, now: () => 0 };
});

afterEach(() => rm(home, { recursive: true, force: true }));

describe("the configuration file", () => {
  it("lies where the environment says, else below the home directory", () => {
    expect(configFile({ env: {}, home: "/home/ann" })).toBe("/home/ann/.config/treeline/config.yaml");
    expect(configFile({ env: { XDG_CONFIG_HOME: "/x" }, home: "/home/ann" })).toBe("/x/treeline/config.yaml");
    expect(configFile({ env: { XDG_CONFIG_HOME: "/x", TREELINE_CONFIG: "/y.yaml" }, home: "/home/ann" })).toBe("/y.yaml");
  });

  it("comes back as it was written, for its owner alone, in a directory for its owner alone", async () => {
    const file = configFile(shell);
    const config = withContext(withContext(emptyConfig, berlin), oslo);
    await writeConfig(file, config);
    expect(await readConfig(file)).toEqual(config);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, ".config/treeline"))).mode & 0o777).toBe(0o700);
  });

  it("is empty before the first login", async () => {
    expect(await readConfig(configFile(shell))).toEqual(emptyConfig);
  });

  it("keeps one context of a name, the newest", () => {
    const config = withContext(withContext(withContext(emptyConfig, berlin), oslo), { ...berlin, token: "new" });
    expect(config.contexts.map(({ name, token }) => [name, token])).toEqual([
      ["berlin", "new"],
      ["oslo", secret],
    ]);
    expect(config.currentContext).toBe("berlin");
  });

  it("names every field that is wrong", () => {
    const text =
      "apiVersion: treeline/v2\nkind: Config\ncontexts:\n- {name: a, endpoint: nowhere, ca: x, token: t}\n- {name: a, endpoint: h:1, ca: '-----BEGIN CERTIFICATE-----', token: t}\n";
    const { violations } = failureOf(caught(() => parseConfig(text, "f")));
    expect(violations.map(({ field }) => field)).toEqual(["apiVersion", "contexts[0].endpoint", "contexts[0].ca", "contexts[1].name"]);
  });
});

describe("secrets in broken files", () => {
  it.each([
    ["no YAML", `kind: Config\n  token: ${secret}\n`],
    ["an unclosed list", `token: [${secret}\n`],
    ["a mapping in the wrong place", `a: b: ${secret}\n`],
    ["plain text", secret],
    ["an alias to nothing", `token: *${secret}\n`],
    [
      "a token with a space",
      `apiVersion: treeline/v1\nkind: Config\ncontexts:\n- {name: a, endpoint: 'h:1', ca: x, token: '${secret} x'}\n`,
    ],
  ])("are not in the message: %s", (_what, text) => {
    for (const parse of [parseConfig, parseCredential]) {
      const error = caught(() => parse(text, "file.yaml"));
      expect(error.code).toMatch(/-invalid$/);
      const rendered = renderFailure(failureOf(error));
      expect(rendered).toContain("file.yaml");
      expect(rendered).not.toContain("secret");
    }
  });

  it("name line and column instead", () => {
    expect(caught(() => parseCredential("kind: Credential\ntoken: [x\n", "file.yaml")).message).toMatch(
      /^file\.yaml:\d+:\d+: is not valid YAML/,
    );
  });
});

describe("the choice of a server", () => {
  const credentialFile = async (name: string, mode = 0o600): Promise<string> => {
    const file = join(home, `${name}.yaml`);
    await writeFile(file, credentialText({ endpoint: `${name}:7440`, ca, name }));
    await chmod(file, mode);
    return file;
  };
  const chosen = async (choice: Parameters<typeof chooseCredential>[1], env: Shell["env"] = {}): Promise<string> =>
    (await chooseCredential({ ...shell, env }, choice)).name;

  it("takes the flag before the environment before the current context", async () => {
    await writeConfig(configFile(shell), withContext(withContext(emptyConfig, berlin), oslo));
    const [flag, variable] = [await credentialFile("flag"), await credentialFile("variable")];
    const env = { TREELINE_CREDENTIAL: variable, TREELINE_CONTEXT: "berlin" };
    expect(await chosen({})).toBe("oslo");
    expect(await chosen({}, { TREELINE_CONTEXT: "berlin" })).toBe("berlin");
    expect(await chosen({}, env)).toBe("variable");
    expect(await chosen({ context: "oslo" }, env)).toBe("oslo");
    expect(await chosen({ credential: flag }, env)).toBe("flag");
  });

  it("refuses two answers, and none", async () => {
    await expect(chosen({ credential: "f", context: "oslo" })).rejects.toMatchObject({ code: "usage" });
    await expect(chosen({})).rejects.toMatchObject({ code: "not-configured", exitCode: 2 });
    expect(() => findContext(withContext(emptyConfig, berlin), "olso")).toThrow("no context olso");
  });

  it("warns of a credential that others can read", async () => {
    await chosen({ credential: await credentialFile("closed") });
    expect(said).toBe("");
    await chosen({ credential: await credentialFile("open", 0o644) });
    expect(said).toMatch(/^warning: .*open\.yaml can be read by others/);
    expect(await readFile(join(home, "open.yaml"), "utf8")).toContain("token");
  });
});

function caught(act: () => unknown): CliError {
  try {
    act();
  } catch (error) {
    return error as CliError;
  }
  throw new Error("nothing was thrown");
}
