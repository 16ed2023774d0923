import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair, objectFile, signRotation, writeRotation, type KeyRotation } from "@treeline/ostree";
import { expect, it } from "vitest";
import { orderOf, type TestRelease } from "./test-host.ts";
import { permission, runs, testScene, wait } from "./test-scene.ts";

/**
 * Plays a server that was taken over: it has the authority, the sessions and the content repository, grants everything it is asked for, and
 * knows no release key. The agent, its TLS, its pull and its sysroot are real.
 */
it("a server that was taken over cannot make a host deploy what none of its keys has signed", async () => {
  const scene = await testScene();
  await using _stack = scene.stack;
  const { host, archive, v1 } = scene;
  await host.powerOn();
  await scene.settled("Idle");
  const stranger = generateKeyPair();
  const later = generateKeyPair();
  const send = (documents: readonly string[]): void => scene.server.sessions.at(-1)!.send({ kind: "key-rotations", documents: [...documents] });

  let number = 0;
  const refused = async (what: string, release: TestRelease, reason: RegExp): Promise<void> => {
    number++;
    scene.order(orderOf(release, number, { ref: { rollout: what, number: 1 }, permission }));
    const closed = () => scene.update()?.closed.find(({ attempt }) => attempt.rollout === what)?.outcome;
    await expect.poll(() => closed()?.kind, wait).toBe("failed");
    expect([what, closed()]).toEqual([what, expect.objectContaining({ failure: "release", reason: expect.stringMatching(reason) as string })]);
    // Nothing beyond metadata was asked for, the point of no return was never near, nothing is held or deployed.
    expect(host.contentRequests.filter(({ path }) => /\.(filez|dirtree|dirmeta)$|\/deltas\//.test(path))).toEqual([]);
    expect(scene.confirmations).toEqual([]);
    expect((await host.readOs()).deployments.map(({ checksum }) => checksum)).toEqual([v1.checksum]);
    expect(await host.refs()).not.toContain("treeline/target");
    expect(host.reboots).toEqual([]);
  };

  await refused("unsigned", await archive.publish("unsigned", { signedWith: null }), /not signed/);
  const foreign = await archive.publish("foreign", { signedWith: stranger.secretKey });
  await refused("foreign", foreign, /not signed by any key this host trusts/);

  // Another release's good signature.
  const exchanged = await archive.publish("exchanged", { signedWith: null });
  const detached = (checksum: string): string => join(archive.repo, objectFile(`${checksum}.commitmeta`)!);
  await copyFile(detached(v1.checksum), detached(exchanged.checksum));
  await refused("exchanged", exchanged, /not signed by any key this host trusts/);

  // Rotations to the stranger's key: signed by himself, in the name of the trusted key, and a true one that was altered.
  const issuedAt = Date.now() - 1_000;
  const rotation = (serial: number, key: string): KeyRotation => ({ serial, issuedAt, trust: [{ key }], retire: [] });
  const wanted = rotation(1, stranger.publicKey);
  const own = signRotation(wanted, stranger.secretKey);
  const genuine = signRotation(rotation(1, later.publicKey), archive.keys.secretKey);
  const forged = [own, { ...own, key: archive.keys.publicKey }, genuine].map((signature) => writeRotation({ rotation: wanted, signatures: [signature] }));
  for (const [index, document] of forged.entries()) {
    send([document]);
    await refused(`forged-rotation-${index}`, await archive.publish(`forged-${index}`, { signedWith: stranger.secretKey }), /not signed by any key this host trusts/);
  }
  await expect.poll(() => scene.observed().trust, wait).toMatchObject({ serial: 0, note: expect.stringContaining("not followed") as string });

  // The same host follows a true rotation and takes what its key has signed: the refusals above were for the signatures alone.
  send([writeRotation({ rotation: rotation(1, later.publicKey), signatures: [genuine] })]);
  const good = await archive.publish("good", { signedWith: later.secretKey });
  scene.order(orderOf(good, number + 1, { ref: { rollout: "true", number: 1 }, permission }));
  await scene.settled("Rebooting");
  await expect.poll(() => host.reboots.length, wait).toBe(1);
  await scene.reboot();
  expect(await runs(host)).toBe("good");
}, 120_000);
