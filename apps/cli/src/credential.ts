import { parseDocument } from "yaml";
import { CliError } from "./cli-error.ts";
import type { FieldViolation } from "@treeline/rollout";

/** What lets an operator in: where the server is, which authority it has, and a token. */
export interface Credential {
  readonly name: string;
  /** The front listener, "host:port". */
  readonly endpoint: string;
  /** The HTTPS listener, "https://host:port"; empty when the credential names none. */
  readonly contentEndpoint: string;
  /** The only authority this server's certificate may come from, as PEM. */
  readonly ca: string;
  /** A secret: never printed, never in a message. */
  readonly token: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a `kind: Credential` document. Fields that are not known are passed over: a newer server may write more of them.
 * @throws CliError credential-invalid, with every field that is wrong; no value of the file is in its messages
 */
export function parseCredential(text: string, file: string): Credential {
  const violations: FieldViolation[] = [];
  const fields = secretYaml(text, file, "credential-invalid");
  if (fields["apiVersion"] !== "treeline/v1") violations.push({ field: "apiVersion", description: "must be treeline/v1" });
  if (fields["kind"] !== "Credential") violations.push({ field: "kind", description: "must be Credential" });
  const credential = readCredentialFields(fields, "", violations);
  if (violations.length === 0) return credential;
  const remedy = "use the file as the server wrote it, DATA/operator/admin.yaml";
  throw new CliError(`${file} is not a credential`, { code: "credential-invalid", subject: file, violations, remedy });
}

/** The fields of a credential, as they also stand in a context; what is wrong is added to `violations`. */
export function readCredentialFields(fields: Fields, at: string, violations: FieldViolation[]): Credential {
  const text = (key: string, fits: (value: string) => boolean, form: string): string => {
    const value = fields[key];
    if (typeof value === "string" && fits(value)) return value;
    violations.push({ field: `${at}${key}`, description: value === undefined ? `is missing; it must be ${form}` : `must be ${form}` });
    return "";
  };
  const content = fields["contentEndpoint"];
  return {
    name: text("name", (value) => value !== "", "a name"),
    endpoint: text(
      "endpoint",
      (value) => /^\S+:\d{1,5}$/.test(value),
      'host and port of the front listener, such as "treeline.example.org:7440"',
    ),
    contentEndpoint: typeof content === "string" ? content : "",
    ca: text("ca", (value) => value.includes("-----BEGIN CERTIFICATE-----"), "a certificate in PEM"),
    token: text("token", (value) => /^[\x21-\x7e]+$/.test(value), "a token in printable characters without spaces"),
  };
}

/** A YAML mapping that holds secrets: errors name line and column but quote nothing, where the parser's own messages quote the text. */
export function secretYaml(text: string, file: string, code: "credential-invalid" | "config-invalid"): Fields {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  const value = error === undefined ? plainValue(document) : undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  const at = error?.linePos?.[0];
  const where = at === undefined ? file : `${file}:${at.line}:${at.col}`;
  throw new CliError(`${where}: ${error === undefined ? "is not a YAML mapping" : `is not valid YAML (${error.code})`}`, {
    code,
    subject: file,
    remedy:
      code === "config-invalid"
        ? "correct the file, or remove it and run `treeline login` again"
        : "copy the credential again from the server",
  });
}

function plainValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS();
  } catch {
    // An alias without its anchor, or too many of them.
    return undefined;
  }
}
