import { execFileSync } from "node:child_process";
import { cpus, hostname, networkInterfaces, release, totalmem } from "node:os";
import { join } from "node:path";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { inventoryLimits, readInventory } from "./inventory.ts";

const empty = {
  machineId: "",
  osName: "",
  osVersion: "",
  kernel: "",
  cpuModel: "",
  cpuCores: 0,
  memoryBytes: 0,
  disks: [],
  interfaces: [],
  virtualization: "",
};

it("reads this machine as the kernel knows it", async () => {
  const { inventory, problems } = await readInventory();
  expect(problems).toEqual([]);
  expect(inventory).toMatchObject({
    hostname: hostname(),
    machineId: readFileSync("/etc/machine-id", "utf8").trim(),
    kernel: release(),
    cpuCores: cpus().length,
    memoryBytes: totalmem(),
  });
  expect(inventory.osName).not.toBe("");
  expect(inventory.architecture).not.toBe("");
  const kernelDisks = readdirSync("/sys/block");
  for (const disk of inventory.disks) expect(kernelDisks).toContain(disk.name);
  for (const { name, addresses } of inventory.interfaces) {
    expect(name).not.toBe("lo");
    expect(addresses).toEqual((networkInterfaces()[name] ?? []).map(({ address }) => address).sort());
  }
});

it("reads an unchanged machine twice alike", async () => {
  expect((await readInventory()).inventory).toEqual((await readInventory()).inventory);
});

it("leaves a field empty and says so when its source fails or hangs", async () => {
  const fail = (): Promise<never> => Promise.reject(new Error("no such device"));
  const throwAtOnce = (): never => {
    throw new Error("not even a promise");
  };
  const hang = (): Promise<never> => new Promise(() => undefined);
  const sources = { machineId: fail, os: fail, cpu: throwAtOnce, memory: fail, disks: hang, interfaces: fail, system: fail };
  const { inventory, problems } = await readInventory({ timeoutMillis: 10, sources });
  expect(inventory).toMatchObject({ ...empty, hostname: hostname() });
  expect(problems.map((problem) => /^inventory: (\w+) could not be read: \S/.exec(problem)?.[1]).sort()).toEqual(
    Object.keys(sources).sort(),
  );
  expect(problems.find((problem) => problem.includes("disks"))).toContain("no answer within 10 ms");
});

it("keeps no process alive once it has answered, however long its timeout", () => {
  const script = `import { readInventory } from ${JSON.stringify(join(import.meta.dirname, "inventory.ts"))};
    const { problems } = await readInventory({ timeoutMillis: 3_600_000 });
    process.stdout.write(String(problems.length));`;
  // Returns when the process has ended by itself; one that hangs is killed, and this throws.
  expect(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8", timeout: 20_000 })).toBe("0");
}, 30_000);

it("loses only what failed", async () => {
  const { inventory, problems } = await readInventory({ sources: { disks: () => Promise.reject(new Error("x")) } });
  expect(inventory.disks).toEqual([]);
  expect(inventory.memoryBytes).toBe(totalmem());
  expect(problems).toEqual(["inventory: disks could not be read: x"]);
});

it("has an end whatever the host reports", async () => {
  const long = "x".repeat(1000);
  const many = Array.from({ length: 1000 }, (_, index) => index);
  const { inventory } = await readInventory({
    sources: {
      os: async () => ({ distro: long, release: long, kernel: long }),
      disks: async () =>
        many.map((index) => ({ name: `d${index}${long}`, type: "disk", physical: long, size: index % 2 ? -1 : Number.NaN })),
      interfaces: async () => many.map((index) => ({ iface: `i${index}`, mac: long, speed: null, internal: false })),
      memory: async () => ({ total: 2 ** 60 }),
    },
  });
  expect(inventory.osName).toHaveLength(inventoryLimits.text);
  expect(inventory.disks).toHaveLength(inventoryLimits.disks);
  expect(inventory.interfaces).toHaveLength(inventoryLimits.interfaces);
  expect(inventory.disks[0]).toEqual({
    name: `d0${long}`.slice(0, inventoryLimits.text),
    type: long.slice(0, inventoryLimits.text),
    sizeBytes: 0,
  });
  expect(inventory.interfaces[0]?.speedMbps).toBe(0);
  expect(inventory.memoryBytes).toBe(0);
});

it("lists whole disks, not their partitions", async () => {
  const device = (name: string, type: string) => ({ name, type, physical: "SSD", size: 10 });
  const { inventory } = await readInventory({
    sources: { disks: async () => [device("vdb", "disk"), device("vda1", "part"), device("vda", "disk")] },
  });
  expect(inventory.disks.map(({ name }) => name)).toEqual(["vda", "vdb"]);
});
