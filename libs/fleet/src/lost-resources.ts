import type { ExtendedResources } from "./observation.ts";

/**
 * The extended resources that a node had before and has no more, or has less of, for people: `vendor.com/gpu: 4 -> 3`. Nothing is lost by a node
 * that does not report any: what is not known is not judged.
 */
export function lostResources(before: ExtendedResources | undefined, now: ExtendedResources | undefined): readonly string[] {
  if (before === undefined || now === undefined) return [];
  return Object.entries(before).flatMap(([name, amount]) => {
    const left = now[name] ?? 0;
    return left < amount ? [`${name}: ${amount} -> ${left}`] : [];
  });
}
