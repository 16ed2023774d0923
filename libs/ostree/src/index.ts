export { CommandError } from "./run.ts";
export type { CommandFailure } from "./run.ts";
export { OstreeError, classifyStderr } from "./ostree-error.ts";
export type { Classification, OstreeErrorCode } from "./ostree-error.ts";
export { sysrootRepo } from "./ostree.ts";
export { isChecksum } from "./argument.ts";

export { deploymentName, parseBootEntry, parseKargs, parseStatus, readDeployments, sameDeployment } from "./status.ts";
export type { Deployment, DeploymentId } from "./status.ts";
export { stagedState } from "./staged-state.ts";
export type { StagedState } from "./staged-state.ts";
export { deploy } from "./deploy.ts";
export type { DeployOptions } from "./deploy.ts";
export { cleanup, hasLeftovers } from "./cleanup.ts";
export { heldLocks } from "./transaction.ts";
export type { HeldLock } from "./transaction.ts";
export { findBindings, readCapabilities } from "./capabilities.ts";
export type { Bindings, Capabilities } from "./capabilities.ts";
export { undeploy } from "./undeploy.ts";
export { namesSetDefault, setDefault } from "./set-default.ts";
export { underSysrootLock } from "./sysroot-lock.ts";
export type { Lockable } from "./sysroot-lock.ts";

export { ensureGpgRemote, ensureRemote, isKeyring, keyringsIn } from "./remote.ts";
export { pullCommit, pullMetadata } from "./pull.ts";
export type { PullOutcome, PullSource } from "./pull.ts";
export { deleteRef, listRefs, resolveRef, setRef } from "./ref.ts";
export { showCommit } from "./show.ts";
export type { CommitInfo } from "./show.ts";
export { entriesOf, followLinks, listTree, readTreeFile } from "./list-tree.ts";
export type { CommitEntries, EntryAt, Resolved, TreeEntry } from "./list-tree.ts";
export { kernelOf, kernelsOnBoot } from "./kernel.ts";
export type { BootedKernel, Kernel } from "./kernel.ts";
export { readReserve } from "./repo-config.ts";
export type { Reserve } from "./repo-config.ts";
export { hasWholeCommit, readCommit } from "./read-commit.ts";
export type { CommitFiles } from "./read-commit.ts";

export { readCommitMetadata, unmanagedBecause, unmanagedKey } from "./commit-metadata.ts";
export { commitTree, fsck, initArchive, prune, updateSummary } from "./repository.ts";
export { parseSuperblock, superblockPath } from "./delta-size.ts";
export type { DeltaPiece, DeltaSize } from "./delta-size.ts";
export { parseSizes } from "./commit-sizes.ts";
export type { ObjectSize } from "./commit-sizes.ts";
export { presentObjects } from "./present-objects.ts";
export { deleteDelta, generateDelta, listDeltas } from "./static-delta.ts";
export type { StaticDelta } from "./static-delta.ts";
export { isObjectName, missingObjects, objectFile, objectsOf } from "./object-list.ts";
export type { ObjectName } from "./object-list.ts";
export { importFrom } from "./import.ts";

export {
  addSignature,
  CommitMetaError,
  generateKeyPair,
  KeyFormatError,
  parsePublicKey,
  publicKeyOf,
  signaturesOf,
  signCommit,
  verifyCommit,
} from "./signature.ts";
export type { KeyPair, Verification } from "./signature.ts";
export { applyRotation, keysValidAt, trustedKeysOf, trustInstant, trustLimits, untouchedTrust } from "./trusted-key.ts";
export type { RotationRefusal, RotationResult, TrustedKey, TrustState } from "./trusted-key.ts";
export { KeyWindowError, parseKeyWindow, parseTrustedKey } from "./key-window.ts";
export {
  readRotation,
  RotationError,
  rotationBytes,
  rotationLimits,
  rotationSigners,
  signRotation,
  writeRotation,
} from "./key-rotation.ts";
export type { KeyRotation, RotationSignature, SignedRotation } from "./key-rotation.ts";
export { parseFeatures, verifiesNatively, verifyNatively } from "./native-signature.ts";
export { writeDetached } from "./detached-metadata.ts";
export type { WriteDetached } from "./detached-metadata.ts";
