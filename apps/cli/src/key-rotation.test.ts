import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair, readRotation, rotationSigners, type SignedRotation } from "@treeline/ostree";
import type { wire } from "@treeline/rpc";
import { beforeEach, describe, expect, it } from "vitest";
import { useTestBench } from "./test-bench.ts";
import type { Ended } from "./test-launcher.ts";

const { serve, treeline, work } = useTestBench();
const [old, next] = [generateKeyPair(), generateKeyPair()];

beforeEach(async () => {
  for (const [name, { publicKey, secretKey }] of Object.entries({ old, next })) {
    await work().write(`${name}.pub`, `${publicKey}\n`);
    execFileSync("chmod", ["600", await work().write(`${name}.key`, `${secretKey}\n`)]);
  }
});

const rotate = (...args: readonly string[]): Promise<Ended> => work().treeline(["release", "rotate-keys", ...args]);
const made = async (file: string): Promise<SignedRotation> => readRotation(await readFile(join(work().directory, file)));

describe("rotate-keys", () => {
  it("signs who is trusted when and who never again, without a server and without showing the private key", async () => {
    const { code, stdout, stderr } = await rotate(
      ...["--add", "next.pub:2027-01-01..2028-12-31T12:00Z", "--retire", "old.pub", "--serial", "3", "--key", "old.key", "--out", "r.json"],
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "rotation 3 is signed; publish it with `treeline release publish-rotation r.json`\n",
    });
    expect(stdout).toMatch(/^SERIAL[^]*\n +3 +20/);
    const signed = await made("r.json");
    expect(signed.rotation).toMatchObject({
      serial: 3,
      trust: [{ key: next.publicKey, notBefore: Date.UTC(2027, 0, 1), notAfter: Date.UTC(2028, 11, 31, 12) }],
      retire: [old.publicKey],
    });
    expect(rotationSigners(signed, [old.publicKey, next.publicKey])).toEqual([old.publicKey]);
    expect(stdout + stderr).not.toContain(old.secretKey);
  });

  it("goes on from the rotation before: its serial plus one, and whom it retired stays named", async () => {
    const third = generateKeyPair().publicKey;
    await rotate("--add", "next.pub", "--retire", "old.pub", "--serial", "7", "--key", "old.key", "--out", "7.json");
    const { code } = await rotate("--add", third, "--after", "7.json", "--key", "next.key", "--key", "old.key", "--out", "8.json");
    expect(code).toBe(0);
    const signed = await made("8.json");
    expect(signed.rotation).toMatchObject({ serial: 8, trust: [{ key: third }], retire: [old.publicKey] });
    expect(rotationSigners(signed, [old.publicKey, next.publicKey])).toEqual([old.publicKey, next.publicKey]);
  });

  it.each([
    [["--add", "next.pub"], /needs a serial\nhint: give --serial N, or --after FILE/],
    [["--add", "next.pub:2027-01-01..2026-01-01", "--serial", "1"], /ends before it begins/],
    [["--add", "missing.pub", "--serial", "1"], /cannot read missing\.pub/],
    [["--add", "next.pub", "--retire", "next.pub", "--serial", "1"], /both --add and --retire name \S+\nhint: leave one out/],
    [["--add", "next.pub", "--add", "next.pub:2027-01-01..", "--serial", "1"], /--add names \S+ twice\nhint: name it once/],
    [["--retire", "old.key", "--serial", "1"], /has 64 bytes, not 32/],
    [["--serial", "0"], /whole number from 1/],
  ])("refuses what could not be followed, and writes nothing: %s", async (args, message) => {
    const { code, stderr } = await rotate(...args, "--key", "old.key", "--out", "r.json");
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    await expect(made("r.json")).rejects.toThrow("ENOENT");
  });

  it("does not trust again what the rotation before retired, and says to make a new key", async () => {
    await rotate("--add", "next.pub", "--retire", "old.pub", "--serial", "7", "--key", "old.key", "--out", "7.json");
    const { code, stderr } = await rotate("--add", "old.pub", "--after", "7.json", "--key", "next.key", "--out", "8.json");
    expect(stderr).toBe(
      `error: ${old.publicKey} was retired by 7.json or before it, and a retired key is never trusted again\n` +
        "hint: make a new key with `treeline release keygen`, and add that one\n",
    );
    expect(code).toBe(2);
    await expect(made("8.json")).rejects.toThrow("ENOENT");
  });

  it("does not replace a document", async () => {
    await work().write("r.json", "kept");
    expect(await rotate("--add", "next.pub", "--serial", "1", "--key", "old.key", "--out", "r.json")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("r.json exists") as string,
    });
  });
});

describe("publish-rotation", () => {
  const answers = {
    PublishKeyRotation: ({ document }: wire.PublishKeyRotationRequest__Output) => ({
      rotation: { serial: "1", publishedAtMillis: "1700000000000", publishedBy: "ada", document },
    }),
  };

  it("sends the document as it is, and lists what there is with who signed it", async () => {
    await rotate("--add", "next.pub:..2030-01-01", "--serial", "1", "--key", "old.key", "--out", "r.json");
    const server = await serve({ answers });
    const { code, stderr } = await treeline(server, "release", "publish-rotation", "r.json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^rotation 1 is published/) as string });
    const document = await readFile(join(work().directory, "r.json"), "utf8");
    expect(server.requests).toEqual([{ method: "PublishKeyRotation", request: { document } }]);
    const listing = await serve({
      answers: { ListKeyRotations: () => ({ rotations: [answers.PublishKeyRotation({ document }).rotation] }) },
    });
    expect(JSON.parse((await treeline(listing, "release", "rotations", "-o", "json")).stdout)).toEqual([
      {
        ...{ serial: 1, issuedAt: expect.any(String) as string, retire: [], signedBy: [old.publicKey], publishedBy: "ada" },
        ...{
          trust: [{ key: next.publicKey, notBefore: null, notAfter: "2030-01-01T23:59:59.999Z" }],
          publishedAt: "2023-11-14T22:13:20.000Z",
        },
      },
    ]);
  });

  it("says what is wrong with a damaged one before it talks to the server", async () => {
    const server = await serve({ answers });
    await work().write("r.json", '{"apiVersion":"treeline/v1","kind":"KeyRotation"}');
    expect(await treeline(server, "release", "publish-rotation", "r.json")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("key rotation: issuedAt must be an instant") as string,
    });
    expect(server.requests).toEqual([]);
  });
});
