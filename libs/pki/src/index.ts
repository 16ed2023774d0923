export {
  type Authority,
  type AuthorityOptions,
  clockAllowanceMs,
  defaultNodeLifetimeMs,
  defaultServerLifetimeMs,
  type NodeCertificate,
  type NodeCertificateRequest,
  openAuthority,
  type ServerCertificate,
  type ServerCertificateRequest,
} from "./authority.ts";
export { createKeyAndRequest, type KeyAndRequest, maxRequestLength, publicKeyFingerprint } from "./certificate-request.ts";
export {
  encodeEnrollmentToken,
  type EnrollmentEndpoints,
  type EnrollmentToken,
  EnrollmentTokenError,
  hashSecret,
  maxTokenLength,
  newSecret,
  parseEnrollmentToken,
} from "./enrollment-token.ts";
export { identityOf, type NodeIdentity } from "./identity.ts";
export { fetchPinnedCa, PinError, type PinnedCaRequest, type PresentedCertificate } from "./pin.ts";
export { PkiError, type PkiErrorCode, type PkiPhase } from "./pki-error.ts";
export type { ServerNames } from "./server-name.ts";
