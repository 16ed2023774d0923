/** Somebody who asks, and everybody behind them: the principal itself, and who made its token. */
export type Persons = readonly string[];

/** The two-person rule: nobody approves what they, or a token of theirs, began. */
export function isSamePerson(a: Persons, b: Persons): boolean {
  return a.some((person) => b.includes(person));
}
