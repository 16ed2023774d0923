import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, PEM. */
export interface TestIdentity {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface TestAuthority {
  readonly caPem: string;
  /** Issues a certificate with these subject alternative names, such as "IP:127.0.0.1". */
  issue(subjectAltName: string): TestIdentity;
}

/** A certificate authority for one test, made by the openssl command. Its files are gone when this returns or `issue` returns. */
export function createTestAuthority(): TestAuthority {
  const ca = inFolder((folder) => {
    openssl(folder, ["req", "-x509", ...newKey, "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=test authority", "-days", "1"]);
    return identityIn(folder);
  });
  const issue = (subjectAltName: string): TestIdentity =>
    inFolder((folder) => {
      writeFileSync(join(folder, "ca.pem"), ca.certPem);
      writeFileSync(join(folder, "ca.key"), ca.keyPem, { mode: 0o600 });
      writeFileSync(join(folder, "extensions"), `subjectAltName=${subjectAltName}\nbasicConstraints=CA:FALSE\n`);
      openssl(folder, ["req", ...newKey, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=test"]);
      const from = ["-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions"];
      openssl(folder, ["x509", "-req", ...from, "-out", "cert.pem", "-days", "1"]);
      return identityIn(folder);
    });
  return { caPem: ca.certPem, issue };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(folder: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
}

function identityIn(folder: string): TestIdentity {
  return { certPem: readFileSync(join(folder, "cert.pem"), "utf8"), keyPem: readFileSync(join(folder, "key.pem"), "utf8") };
}

function inFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "treeline-rpc-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
