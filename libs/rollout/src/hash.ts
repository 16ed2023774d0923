/**
 * A number from 0 (inclusive) to 1 (exclusive) that is the same for the same text and looks random: jitter without randomness.
 * FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), finished with the mixer of MurmurHash3 so that similar texts come apart.
 */
export function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
