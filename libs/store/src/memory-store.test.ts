import { describeStoreConformance } from "./conformance.ts";
import { createMemoryStore, MemoryDisk } from "./memory-store.ts";

describeStoreConformance("the memory store", async () => {
  const disk = new MemoryDisk();
  return { store: createMemoryStore({ disk }), reopen: async () => createMemoryStore({ disk }) };
});
