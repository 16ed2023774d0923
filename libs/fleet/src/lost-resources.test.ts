import { expect, it } from "vitest";
import { lostResources } from "./lost-resources.ts";

it("names what is gone and what is less, and nothing else", () => {
  const before = { "vendor.com/gpu": 4, "vendor.com/nic": 2, "vendor.com/fpga": 1, "vendor.com/none": 0 };
  const now = { "vendor.com/gpu": 3, "vendor.com/nic": 2, "vendor.com/new": 7 };
  expect(lostResources(before, now)).toEqual(["vendor.com/gpu: 4 -> 3", "vendor.com/fpga: 1 -> 0"]);
  expect(lostResources(now, now)).toEqual([]);
});

it("does not judge what is not known", () => {
  expect(lostResources(undefined, {})).toEqual([]);
  expect(lostResources({ "vendor.com/gpu": 4 }, undefined)).toEqual([]);
});
