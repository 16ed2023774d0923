import { OstreeError } from "@treeline/ostree";
import { PkiError } from "@treeline/pki";
import { DataDirectoryError, DirectoryInUseError } from "@treeline/process";
import { StoreError } from "@treeline/store";
import { SealKeyError } from "./audit/seal-key.ts";
import { ListenError } from "./listen.ts";

/** The database knows nodes or tokens, and the authority that vouches for them is gone. */
export class AuthorityMissingError extends Error {
  override readonly name = "AuthorityMissingError";

  constructor(file: string) {
    super(`${file} is missing, and the nodes of this fleet trust only the authority in it: restore it from a backup; with another data directory a new fleet begins`);
  }
}

const known = [OstreeError, PkiError, DataDirectoryError, DirectoryInUseError, StoreError, ListenError, AuthorityMissingError, SealKeyError];

/** An error whose message already says what is wrong and what to do; its stack would only hide that. */
export function isKnownFailure(error: unknown): error is Error {
  return known.some((kind) => error instanceof kind);
}
