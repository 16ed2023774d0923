import { readFile } from "node:fs/promises";
import { hostname, machine, networkInterfaces as addressesByInterface } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Disk, Inventory, NetworkInterface } from "@treeline/fleet";
import { blockDevices, cpu, mem, networkInterfaces, osInfo, system, type Systeminformation } from "systeminformation";
import { HostError } from "./host-error.ts";

/** What a host looks like, and what could not be found out about it: such a field is empty, 0 or an empty list. */
export interface InventoryReading {
  readonly inventory: Inventory;
  /** One line per source that failed. */
  readonly problems: readonly string[];
}

/** Where the facts come from. Each may fail or hang without taking the others along. */
export interface InventorySources {
  readonly machineId: () => Promise<string>;
  readonly os: () => Promise<Pick<Systeminformation.OsData, "distro" | "release" | "kernel">>;
  readonly cpu: () => Promise<Pick<Systeminformation.CpuData, "manufacturer" | "brand" | "cores">>;
  readonly memory: () => Promise<Pick<Systeminformation.MemData, "total">>;
  readonly disks: () => Promise<readonly Pick<Systeminformation.BlockDevicesData, "name" | "type" | "physical" | "size">[]>;
  readonly interfaces: () => Promise<readonly Pick<Systeminformation.NetworkInterfacesData, "iface" | "mac" | "speed" | "internal">[]>;
  readonly system: () => Promise<Pick<Systeminformation.SystemData, "virtual" | "virtualHost">>;
}

export const hostSources: InventorySources = {
  machineId: () => readFile("/etc/machine-id", "utf8"),
  os: () => osInfo(),
  cpu: () => cpu(),
  memory: () => mem(),
  disks: () => blockDevices(),
  interfaces: async () => [await networkInterfaces()].flat(),
  system: () => system(),
};

export interface InventoryOptions {
  /** How long each source may take, in milliseconds; default 10,000. They are asked all at once. */
  readonly timeoutMillis?: number;
  /** Sources to use in place of the host's own. */
  readonly sources?: Partial<InventorySources>;
}

/** A host with more than this is reported with its first ones, by name: a report has an end. */
export const inventoryLimits = { text: 256, disks: 256, interfaces: 256, addresses: 32 } as const;

/** Reads the host's inventory. Starts child processes: for the start of the agent and then rarely, not for telemetry. Never rejects. */
export async function readInventory(options: InventoryOptions = {}): Promise<InventoryReading> {
  const sources = { ...hostSources, ...options.sources };
  const problems: string[] = [];
  const ask = async <Value>(name: keyof InventorySources, source: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await withTimeout(name, source, options.timeoutMillis ?? 10_000);
    } catch (error) {
      problems.push(`inventory: ${name} could not be read: ${clip(error instanceof Error ? error.message : String(error))}`);
      return undefined;
    }
  };
  const [machineId, os, processor, memory, disks, interfaces, hardware] = await Promise.all([
    ask("machineId", sources.machineId),
    ask("os", sources.os),
    ask("cpu", sources.cpu),
    ask("memory", sources.memory),
    ask("disks", sources.disks),
    ask("interfaces", sources.interfaces),
    ask("system", sources.system),
  ]);
  const inventory: Inventory = {
    hostname: clip(hostname()),
    machineId: clip(machineId),
    architecture: clip(machine()),
    osName: clip(os?.distro),
    osVersion: clip(os?.release),
    kernel: clip(os?.kernel),
    cpuModel: clip(`${processor?.manufacturer ?? ""} ${processor?.brand ?? ""}`),
    cpuCores: natural(processor?.cores),
    memoryBytes: natural(memory?.total),
    disks: (disks ?? [])
      .filter((device) => device.type === "disk")
      .map(diskOf)
      .sort(byName)
      .slice(0, inventoryLimits.disks),
    interfaces: interfacesOf(interfaces ?? []),
    virtualization: hardware?.virtual ? clip(hardware.virtualHost) || "unknown" : "",
  };
  return { inventory, problems };
}

function diskOf(device: Awaited<ReturnType<InventorySources["disks"]>>[number]): Disk {
  return { name: clip(device.name), type: clip(device.physical), sizeBytes: natural(device.size) };
}

function interfacesOf(found: Awaited<ReturnType<InventorySources["interfaces"]>>): readonly NetworkInterface[] {
  // systeminformation knows one address of each family per interface; the kernel, through Node, all of them.
  const addresses = addressesByInterface();
  const external = found.filter(({ internal }) => !internal);
  const interfaces = external.map(({ iface, mac, speed }) => ({
    name: clip(iface),
    mac: clip(mac),
    addresses: (addresses[iface] ?? [])
      .map(({ address }) => clip(address))
      .sort()
      .slice(0, inventoryLimits.addresses),
    speedMbps: natural(speed),
  }));
  return interfaces.sort(byName).slice(0, inventoryLimits.interfaces);
}

async function withTimeout<Value>(name: string, source: () => Promise<Value>, millis: number): Promise<Value> {
  const finished = new AbortController();
  const late = delay(millis, undefined, { signal: finished.signal }).then(() => {
    throw new HostError(`no answer within ${millis} ms; look for a hanging device or command`, { code: "timeout", subject: name });
  });
  // Aborted once the source has answered: nobody waits for it then.
  late.catch(() => undefined);
  try {
    return await Promise.race([source(), late]);
  } finally {
    finished.abort();
  }
}

function clip(text: unknown): string {
  return typeof text === "string" ? text.trim().slice(0, inventoryLimits.text).toWellFormed() : "";
}

/** Drivers report an unknown size or speed as null, -1 or nothing. */
function natural(value: unknown): number {
  return typeof value === "number" && value > 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : 0;
}

/** In one order, whatever order the host lists them in: an inventory that did not change shall look it. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
