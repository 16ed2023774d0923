import { expect, it } from "vitest";
import { mountPoints, parseMountPoints } from "./mount-points.ts";

it("knows where something is mounted", async () => {
  expect(await mountPoints()).toEqual(expect.arrayContaining(["/", "/proc"]));
  expect(
    parseMountPoints("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n31 27 254:0 /a /usr/my\\040bin ro shared:1 - ext4 /dev/vda rw\n"),
  ).toEqual(["/", "/usr/my bin"]);
});
