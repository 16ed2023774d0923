import { describe, expect, it } from "vitest";
import { inScope, parseScope, placeOfLabels, poolLabel, scopeName, tenantLabel } from "./scope.ts";

describe("a scope", () => {
  it.each(["fleet", "tenant/acme", "pool/gpu-1"])("%s is read as it is written", (text) => {
    expect(parseScope(text)).toEqual({ ok: true, scope: text });
  });

  it.each([
    "",
    "Fleet",
    "tenant",
    "tenant/",
    "tenant/Acme",
    "tenant/a b",
    "pool/-a",
    "pool/a-",
    `pool/${"a".repeat(64)}`,
    "node/1",
    "tenant/a/b",
  ])('refuses "%s"', (text) => {
    expect(parseScope(text)).toMatchObject({ ok: false });
  });

  it("holds what its labels say belongs to it, and nothing that only looks like it", () => {
    const place = placeOfLabels({ [tenantLabel]: "acme", [poolLabel]: "gpu", tenant: "other" });
    expect(
      (["fleet", "tenant/acme", "pool/gpu", "tenant/gpu", "pool/acme", "tenant/other"] as const).map((scope) => inScope(scope, place)),
    ).toEqual([...[true, true, true], ...[false, false, false]]);
    expect(inScope("tenant/undefined", placeOfLabels({}))).toBe(false);
    expect([scopeName("fleet"), scopeName("tenant/acme")]).toEqual([undefined, "acme"]);
  });
});
