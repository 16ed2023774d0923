import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CommitQueue, type GroupOutcome } from "./commit-queue.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import { ConflictError, InvalidRequestError, StoreError } from "./errors.ts";

const batchOf = (epoch: number): EncodedBatch => ({ epoch, writes: [], audit: [] });

/** A queue of groups of at most two, whose fates are given by the test; and the batches of each group, by their epochs. */
function openQueue({ fates, maxPending }: { readonly fates: readonly (GroupOutcome | Error)[]; readonly maxPending?: number }) {
  const groups: number[][] = [];
  const queue = new CommitQueue({
    maxGroup: 2,
    ...(maxPending === undefined ? {} : { maxPending }),
    commitGroup: async (batches) => {
      const fate = fates[groups.length] ?? { durable: batches.length };
      groups.push(batches.map(({ epoch }) => epoch));
      await setImmediate();
      if (fate instanceof Error) throw fate;
      return fate;
    },
  });
  const commit = (epoch: number): Promise<string> =>
    queue
      .commit(() => batchOf(epoch))
      .then(
        () => "durable",
        (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
      );
  return { queue, groups, commit };
}

const conflict = new ConflictError({ subject: "slot.node_id" });

describe("after a refusal", () => {
  it("nothing of the same group, of those waiting, or of those that come is written", async () => {
    const { groups, commit } = openQueue({ fates: [{ durable: 2 }, { durable: 0, refusal: conflict }] });
    const fates = await Promise.all([1, 2, 3, 4, 5, 6].map(commit));
    expect(fates).toEqual(["durable", "durable", "conflict", "after-refused", "after-refused", "after-refused"]);
    expect(await commit(7)).toBe("after-refused");
    expect(groups).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("of a whole group, all of it has the error and nothing after it is written", async () => {
    const { groups, commit } = openQueue({ fates: [new Error("lost")] });
    expect(await Promise.all([1, 2, 3].map(commit))).toEqual(["Error: lost", "Error: lost", "after-refused"]);
    expect(await commit(4)).toBe("after-refused");
    expect(groups).toEqual([[1, 2]]);
  });

  it("of what cannot be encoded, those that wait are written and those that come are not", async () => {
    const { queue, groups, commit } = openQueue({ fates: [] });
    const earlier = [1, 2, 3].map(commit);
    const refused = queue.commit(() => {
      throw new InvalidRequestError({ phase: "commit", field: "epoch", reason: "is -1", remedy: "pass another" });
    });
    const later = commit(4);
    await expect(refused).rejects.toThrow(InvalidRequestError);
    expect(await Promise.all([...earlier, later])).toEqual(["durable", "durable", "durable", "after-refused"]);
    expect(groups).toEqual([[1, 2], [3]]);
  });

  it("of one too many, those that wait are written and those that come are not, also when there is room again", async () => {
    const { groups, commit } = openQueue({ fates: [], maxPending: 2 });
    expect(await Promise.all([1, 2, 3, 4].map(commit))).toEqual(["durable", "durable", "overloaded", "after-refused"]);
    expect(await commit(5)).toBe("after-refused");
    expect(groups).toEqual([[1, 2]]);
  });

  it("tells why the first one was refused", async () => {
    const { queue, commit } = openQueue({ fates: [{ durable: 0, refusal: conflict }] });
    await commit(1);
    await expect(queue.commit(() => batchOf(2))).rejects.toThrow(/slot\.node_id.*open the store again/);
  });
});
