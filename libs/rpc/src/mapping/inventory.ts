import type { Disk, Inventory, NetworkInterface } from "@treeline/fleet";
import type { wire } from "../wire.ts";
import { Fields, integerText, readText, readWhole, uint32, type Read } from "./fields.ts";
import { wireLimits } from "./limits.ts";

const { name: maxName } = wireLimits;

const readDisk: Read<Disk> = (message, at, violations) => {
  const fields = new Fields<wire.Disk__Output>(message, at, violations);
  return { name: fields.text("name", maxName), type: fields.text("type", maxName), sizeBytes: fields.integer("sizeBytes") };
};

const readInterface: Read<NetworkInterface> = (message, at, violations) => {
  const fields = new Fields<wire.NetworkInterface__Output>(message, at, violations);
  return {
    name: fields.text("name", maxName),
    mac: fields.text("mac", maxName),
    addresses: fields.list("addresses", wireLimits.addresses, readText(maxName)),
    speedMbps: fields.count("speedMbps"),
  };
};

export const readInventory: Read<Inventory> = (message, at, violations) => {
  const fields = new Fields<wire.Inventory__Output>(message, at, violations);
  return {
    hostname: fields.text("hostname", maxName),
    machineId: fields.text("machineId", maxName),
    architecture: fields.text("architecture", maxName),
    osName: fields.text("osName", maxName),
    osVersion: fields.text("osVersion", maxName),
    kernel: fields.text("kernel", maxName),
    cpuModel: fields.text("cpuModel", maxName),
    cpuCores: fields.count("cpuCores"),
    memoryBytes: fields.integer("memoryBytes"),
    disks: fields.list("disks", wireLimits.disks, readDisk),
    interfaces: fields.list("interfaces", wireLimits.interfaces, readInterface),
    virtualization: fields.text("virtualization", maxName),
  };
};

export function inventoryToProto(inventory: Inventory): wire.Inventory {
  const { hostname, machineId, architecture, osName, osVersion, kernel, cpuModel, virtualization } = inventory;
  return {
    ...{ hostname, machineId, architecture, osName, osVersion, kernel, cpuModel, virtualization },
    cpuCores: uint32("cpuCores", inventory.cpuCores),
    memoryBytes: integerText("memoryBytes", inventory.memoryBytes),
    disks: inventory.disks.map(({ name, type, sizeBytes }) => ({ name, type, sizeBytes: integerText("sizeBytes", sizeBytes) })),
    interfaces: inventory.interfaces.map(({ name, mac, addresses, speedMbps }) => ({
      ...{ name, mac, addresses: [...addresses] },
      speedMbps: uint32("speedMbps", speedMbps),
    })),
  };
}

export function inventoryFromProto(message: wire.Inventory__Output): Inventory {
  return readWhole(message, "inventory", readInventory);
}
