import { randomUUID } from "node:crypto";
import type { Observation } from "@treeline/fleet";
import { agentMessageToProto, services, type AgentMessage } from "@treeline/rpc";

/** A gRPC message on the wire: no compression, four bytes of length, the bytes (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + bytes.length);
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, 5);
  return frame;
}

/** A message of an agent, ready to be written. */
export function frameOf(message: AgentMessage): Buffer {
  // The generated definition types the serializer for whole messages; the mapping's output is what it takes.
  const serialize = services.agent.Session.requestSerialize as (message: object) => Buffer;
  return framed(serialize(agentMessageToProto(message)));
}

/** A run of heartbeats of equal length (their sequence takes two bytes), so that every heartbeat on both sides is as long as any other. */
export function heartbeatFrames(): readonly Buffer[] {
  return Array.from({ length: 1000 }, (_, index) => frameOf({ kind: "heartbeat", sequence: 1000 + index }));
}

/** What an agent says before its first heartbeat: who it is, then all of a healthy host with two deployments. */
export function openingFrames(hostname: string): { readonly hello: Buffer; readonly observation: Buffer } {
  const bootId = randomUUID();
  return {
    hello: frameOf({ kind: "hello", hello: { agentVersion: "0.1.0", bootId, instanceNonce: randomUUID(), highest: { epoch: 0, number: 0 }, openAttempts: [], followsKeyRotations: false } }),
    observation: frameOf({ kind: "observation", sequence: 1, full: true, delta: observation(hostname, bootId) }),
  };
}

function observation(hostname: string, bootId: string): Observation {
  const [booted, previous] = ["4f".repeat(32), "a7".repeat(32)];
  const deployment = { osname: "fleetos", serial: 0, refspec: "treeline:fleetos/x86_64/stable", pending: false, staged: false, pinned: false };
  const kargs = "root=LABEL=root rw console=ttyS0 ostree=/ostree/boot.1/fleetos/0";
  const check = { required: true, passed: true, output: "" };
  return {
    os: {
      bootId,
      deployments: [
        { ...deployment, checksum: booted, version: "41.20261101.0", booted: true, rollback: false, kargs },
        { ...deployment, checksum: previous, version: "41.20261001.0", booted: false, rollback: true, kargs },
      ],
    },
    update: { phase: "Idle", reason: "", closed: [], denied: [], highest: { epoch: 0, number: 0 } },
    health: { state: "green", bootId, checks: ["disk-space", "network", "kubelet"].map((name) => ({ name, ...check })) },
    inventory: {
      ...{ hostname, machineId: bootId.replaceAll("-", ""), architecture: "x86_64", osName: "FleetOS", osVersion: "41", kernel: "6.12.0" },
      ...{ cpuModel: "Example CPU @ 2.40GHz", cpuCores: 16, memoryBytes: 64 * 2 ** 30, virtualization: "kvm" },
      disks: [{ name: "nvme0n1", type: "NVMe", sizeBytes: 10 ** 12 }],
      interfaces: [{ name: "eth0", mac: "52:54:00:12:34:56", addresses: ["192.0.2.17", "2001:db8::17"], speedMbps: 25_000 }],
    },
  };
}
