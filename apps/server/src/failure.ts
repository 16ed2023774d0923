import { OstreeError } from "@treeline/ostree";
import { PkiError } from "@treeline/pki";
import { DataDirectoryError, DirectoryInUseError } from "@treeline/process";
import { StoreError } from "@treeline/store";
import { ListenError } from "./listen.ts";

const known = [OstreeError, PkiError, DataDirectoryError, DirectoryInUseError, StoreError, ListenError];

/** An error whose message already says what is wrong and what to do; its stack would only hide that. */
export function isKnownFailure(error: unknown): error is Error {
  return known.some((kind) => error instanceof kind);
}
