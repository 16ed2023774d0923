import { chmod, lchown, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { script } from "./test-programs.ts";
import { distrust } from "./trusted-program.ts";

const nobody = 65_534;

/** A hook in real/hooks/drain/10. */
async function scene() {
  const directory = await temporaryDirectory();
  const at = (...names: readonly string[]): string => join(directory.path, ...names);
  await script(at("real/hooks/drain/10"), "true");
  for (const name of ["real", "real/hooks", "real/hooks/drain"]) await chmod(at(name), 0o755);
  return { at, program: at("real/hooks/drain/10"), [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

it("trusts a program behind links, by what they lead to", async () => {
  await using here = await scene();
  await symlink("real/hooks", here.at("hooks"));
  await symlink(here.at("real/hooks/drain"), here.at("drain"));
  await mkdir(here.at("all/drain"), { recursive: true });
  await symlink("../../real/hooks/drain/10", here.at("all/drain/20"));
  for (const path of [here.program, here.at("hooks/drain/10"), here.at("drain/10"), here.at("all/drain/20")]) expect(await distrust(path)).toBeUndefined();
  for (const [open, remedy] of [["real/hooks", "chmod o-w it"], ["real/hooks/drain", "chmod o-w it"], ["real/hooks/drain/10", "chmod o-w it"]] as const) {
    await chmod(here.at(open), 0o777);
    for (const path of [here.at("hooks/drain/10"), here.program]) expect(await distrust(path)).toMatchObject({ code: "not-trusted", subject: here.at(open), problem: expect.stringContaining(remedy) as string });
    await chmod(here.at(open), 0o755);
  }
});

it("judges every directory on the way, also that of a link", async () => {
  await using here = await scene();
  await mkdir(here.at("links"));
  await symlink("../real/hooks", here.at("links/hooks"));
  const throughLink = here.at("links/hooks/drain/10");
  expect(await distrust(throughLink)).toBeUndefined();
  await chmod(here.at("links"), 0o777);
  expect(await distrust(throughLink)).toMatchObject({ subject: here.at("links") });
  expect(await distrust(here.program)).toBeUndefined();
  // Nobody can take another's link out of a sticky directory, but its owner can.
  await chmod(here.at("links"), 0o1777);
  expect(await distrust(throughLink)).toBeUndefined();
  await lchown(here.at("links/hooks"), nobody, nobody);
  expect(await distrust(throughLink)).toMatchObject({ subject: here.at("links/hooks"), problem: expect.stringContaining(`belongs to user ${nobody}`) as string });
  await chmod(here.at("real"), 0o777);
  expect(await distrust(here.program)).toMatchObject({ subject: here.at("real") });
  await chmod(here.at("real"), 0o1777);
  expect(await distrust(here.program)).toBeUndefined();
  await chmod(here.at("real/hooks"), 0o1777);
  expect(await distrust(here.program)).toMatchObject({ subject: here.at("real/hooks") });
});

it("says of a link that leads nowhere, or in a circle, that it cannot be read", async () => {
  await using here = await scene();
  await symlink("gone", here.at("dangling"));
  await symlink("circle", here.at("circle"));
  expect(await distrust(here.at("dangling"))).toMatchObject({ code: "unreadable", problem: expect.stringContaining("ENOENT") as string });
  expect(await distrust(here.at("circle"))).toMatchObject({ code: "unreadable", problem: expect.stringContaining("ELOOP") as string });
});
