import { generateKeyPair, OstreeError } from "@treeline/ostree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { testArchive, type TestRelease } from "./test-host.ts";
import { hostOstree, requireSignature, type NativeVerification } from "./verify.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let archive: Awaited<ReturnType<typeof testArchive>>;
let release: TestRelease;

beforeAll(async () => {
  directory = await temporaryDirectory();
  archive = await testArchive(directory.path);
  release = await archive.publish("1");
});
afterAll(() => directory[Symbol.asyncDispose]());

/** Stands in for an ostree that was built with ed25519, which this distribution's is not. */
function standIn(says: "signed" | "not signed") {
  const asked: (readonly string[])[] = [];
  const native: NativeVerification = {
    available: () => Promise.resolve(true),
    verify: ({ checksum, keys }) => {
      asked.push([checksum, ...keys]);
      if (says === "signed") return Promise.resolve();
      return Promise.reject(new OstreeError({ code: "signature", phase: "verify natively", subject: checksum, reason: "no valid signature", remedy: "Sign it." }));
    },
  };
  return { native, asked };
}

const require = (keys: readonly string[], native?: NativeVerification): Promise<void> =>
  requireSignature(release.checksum, { repo: archive.repo, trustedKeys: () => Promise.resolve(keys), ...(native === undefined ? {} : { native }) });

describe("requireSignature", () => {
  const other = generateKeyPair().publicKey;

  it("takes a release that one of the trusted keys signed, with this host's own ostree", async () => {
    await require([other, archive.keys.publicKey]);
  });

  it("refuses one that none of them signed, and says when there is none", async () => {
    await expect(require([other])).rejects.toMatchObject({ code: "signature", message: expect.stringContaining("not signed by any key this host trusts. Sign") as string });
    await expect(require([])).rejects.toMatchObject({ code: "signature", message: expect.stringContaining("trusts no release key now") as string });
  });

  it("passes on why the keys are not known", async () => {
    const trustedKeys = (): Promise<readonly string[]> => Promise.reject(new Error("the file is damaged"));
    await expect(requireSignature(release.checksum, { repo: archive.repo, trustedKeys })).rejects.toThrow("the file is damaged");
  });

  it("asks an ostree that can check it, too, with the same keys; both must agree", async () => {
    const agrees = standIn("signed");
    await require([other, archive.keys.publicKey], agrees.native);
    expect(agrees.asked).toEqual([[release.checksum, other, archive.keys.publicKey]]);
    await expect(require([archive.keys.publicKey], standIn("not signed").native)).rejects.toMatchObject({ phase: "verify natively", code: "signature" });
    const notAsked = standIn("signed");
    await expect(require([other], notAsked.native)).rejects.toMatchObject({ phase: "verify" });
    expect(notAsked.asked).toEqual([]);
  });

  it("does not ask an ostree that cannot: this one says which it is", async () => {
    const able = await hostOstree.available({});
    const { native, asked } = standIn("signed");
    await require([archive.keys.publicKey], { ...native, available: (options) => hostOstree.available(options) });
    expect(asked).toHaveLength(able ? 1 : 0);
  });
});
