import { expect, test } from "vitest";
import { faults } from "../faults/fault.ts";
import { nodeName } from "../play/node-name.ts";
import { allCases, shortCases } from "./cases.ts";

const cases = allCases();

test("cases have names of their own, and so have their machines", () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(new Set(cases.map(nodeName)).size).toBe(cases.length);
  for (const one of cases) expect(nodeName(one), one.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
});

test("the long form is a matrix, and every fault is in it", () => {
  expect(cases.length).toBeGreaterThanOrEqual(120);
  expect(new Set(cases.map(({ fault }) => fault))).toEqual(new Set(Object.keys(faults)));
});

test("the short form names cases that there are, and faults of each kind", () => {
  const known = new Set(cases.map(({ name }) => name));
  expect(shortCases.filter((name) => !known.has(name))).toEqual([]);
  const inShort = new Set(cases.filter(({ short }) => short).map(({ fault }) => fault));
  for (const fault of ["kill-agent", "power-cut", "reboot", "kill-server", "network-cut", "second-agent", "disk full", "journal gone", "signature missing"] as const) expect(inShort).toContain(fault);
});

test("every case says how it ends", () => {
  for (const { name, expect: expected } of cases) expect(expected.attempts.length, name).toBeGreaterThan(0);
});
