/** Past any reason to hope, in milliseconds. */
export const patienceMillis = 90_000;
const pollMillis = 10;

export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** Looks every few milliseconds until something holds. @throws Error naming what did not come about, with the last answer */
export async function until(what: string, holds: () => Promise<boolean | string>, options: { readonly millis?: number; readonly everyMillis?: number } = {}): Promise<void> {
  const { millis = patienceMillis, everyMillis = pollMillis } = options;
  const deadline = performance.now() + millis;
  for (;;) {
    const answer = await holds();
    if (answer === true) return;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${Math.round(millis / 1000)} s${typeof answer === "string" ? ` (${answer})` : ""}`);
    await pause(everyMillis);
  }
}
