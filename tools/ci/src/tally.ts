/** How many things were checked and held, and how many did not. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export const onePassed: Tally = { passed: 1, failed: 0 };
export const oneFailed: Tally = { passed: 0, failed: 1 };

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failed: tallies.reduce((total, { failed }) => total + failed, 0),
  };
}

/** Nothing failed, and it was not for want of anything to check. */
export function holds(tally: Tally): boolean {
  return tally.failed === 0 && tally.passed > 0;
}

/** The total as people and machines read it: `N passed, N failed`. */
export function wordsOf({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}
