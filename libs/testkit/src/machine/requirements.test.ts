import { expect, test } from "vitest";
import { requirements } from "./requirements.ts";

test("nothing that machines need is missing where these tests run", async () => {
  const missing = await requirements();
  expect(missing.filter(({ required }) => required)).toEqual([]);
});

test("without programs, each is named with the package that has it", async () => {
  const missing = await requirements({ searchPath: "/nonexistent" });
  expect(missing).toContainEqual({ name: "ostree", debianPackage: "ostree", neededFor: expect.any(String), required: true });
  expect(missing).toContainEqual({ name: "setpriv", debianPackage: "util-linux", neededFor: expect.any(String), required: true });
  expect(missing).toContainEqual({ name: "ip", debianPackage: "iproute2", neededFor: expect.any(String), required: false });
  expect(missing.map(({ debianPackage }) => debianPackage)).toContain("python3-gi gir1.2-ostree-1.0");
});
