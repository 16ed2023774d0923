import { describe, expect, it } from "vitest";
import {
  amountOption,
  durationOption,
  integerOption,
  labelChanges,
  labelOption,
  selectorOption,
  timeoutOption,
  wavesOption,
} from "./option.ts";

describe("waves", () => {
  it("reads counts, percentages and rest, in order", () => {
    expect(wavesOption("1,50%, rest")).toEqual([{ size: { count: 1 } }, { size: { percent: 50 } }, { size: { rest: true } }]);
    expect(wavesOption("rest")).toEqual([{ size: { rest: true } }]);
    expect(wavesOption("12.5%,100%")).toEqual([{ size: { percent: 12.5 } }, { size: { percent: 100 } }]);
  });

  it.each([
    ["1,x,rest", /^Wave 2 is not right: "x" is neither/],
    ["1,150%", /^Wave 2 is not right: 150% is more than 100%/],
    ["1,,rest", /^Wave 2 is empty/],
    ["", /^Wave 1 is empty/],
    ["rest,1", /^Wave 1 \("rest"\) takes every node that is left/],
    ["1,2,0", /^Wave 3 \("0"\) takes no node/],
    ["1,150%", /^Wave 2/],
    ["-1", /^Wave 1/],
    ["1.5", /^Wave 1/],
    ["1,99999999999", /^Wave 2/],
  ])("names the wave that is wrong in %j", (text, message) => {
    expect(() => wavesOption(text)).toThrow(message);
  });

  it("refuses more waves than a policy may have", () => {
    expect(() => wavesOption(Array.from({ length: 101 }, () => "1").join(","))).toThrow("There are 101 waves");
  });
});

describe("labels", () => {
  it("collects pairs; a value may be empty or hold an equals sign only where labels allow it", () => {
    expect(labelOption("treeline.dev/rack=7", labelOption("site=berlin"))).toEqual({ site: "berlin", "treeline.dev/rack": "7" });
    expect(labelOption("canary=")).toEqual({ canary: "" });
    expect(() => labelOption("a=b=c")).toThrow("label value");
  });

  it.each([
    ["site", /no "="/],
    ["=berlin", /label name/],
    ["-x=1", /label name/],
  ])("refuses %j", (text, message) => {
    expect(() => labelOption(text)).toThrow(message);
  });

  it("refuses a key given twice, and one both set and removed", () => {
    expect(() => labelOption("site=b", { site: "a" })).toThrow("given twice");
    expect(() => labelChanges(["site=a", "site-"])).toThrow("both set and removed");
  });

  it("tells setting from removing as kubectl does", () => {
    expect(labelChanges(["site=berlin", "canary-", "rack=7"])).toEqual({ set: { site: "berlin", rack: "7" }, remove: ["canary"] });
  });

  it("keeps a label that is called like a property of every object", () => {
    expect(Object.entries(labelOption("constructor=1"))).toEqual([["constructor", "1"]]);
  });
});

describe("other options", () => {
  it("refuses an empty selector, which would mean the whole fleet elsewhere", () => {
    expect(() => selectorOption("  ")).toThrow("is empty");
    expect(() => selectorOption("a=b,,c")).toThrow("empty requirement");
    expect(selectorOption(" a in (b,c) ")).toBe("a in (b,c)");
  });

  it("reads durations, amounts and numbers, and nothing near them", () => {
    expect(durationOption("10m")).toBe(600_000);
    expect(() => durationOption("10 minutes")).toThrow("duration");
    expect(() => timeoutOption("0")).toThrow("more than 0");
    expect(() => timeoutOption("25d")).toThrow("at most 24d");
    expect(amountOption("10%")).toBe("10%");
    expect(() => amountOption("101%")).toThrow("more than 100%");
    expect(integerOption(0, 10)("10")).toBe(10);
    for (const text of ["11", "-1", "1e1", "", " 1"]) expect(() => integerOption(0, 10)(text)).toThrow("whole number from 0 to 10");
  });
});
