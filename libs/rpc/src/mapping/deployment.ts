import type { Deployment, Generation, OsState, Target } from "@treeline/fleet";
import type { wire } from "../wire.ts";
import { Fields, integerText, readWhole, uint32, type Read } from "./fields.ts";
import { bootIdFormat, checksumFormat, wireLimits } from "./limits.ts";

export const readGeneration: Read<Generation> = (message, at, violations) => {
  const fields = new Fields<wire.Generation__Output>(message, at, violations);
  return { epoch: fields.integer("epoch"), number: fields.integer("number") };
};

export const readTarget: Read<Target> = (message, at, violations) => {
  const fields = new Fields<wire.Target__Output>(message, at, violations);
  return {
    checksum: fields.formed("checksum", checksumFormat),
    ref: fields.text("ref", wireLimits.name),
    version: fields.text("version", wireLimits.name),
  };
};

export const readDeployment: Read<Deployment> = (message, at, violations) => {
  const fields = new Fields<wire.Deployment__Output>(message, at, violations);
  return {
    osname: fields.text("osname", wireLimits.name),
    checksum: fields.formed("checksum", checksumFormat),
    serial: fields.count("serial"),
    version: fields.text("version", wireLimits.name),
    refspec: fields.text("refspec", wireLimits.name),
    booted: fields.flag("booted"),
    pending: fields.flag("pending"),
    staged: fields.flag("staged"),
    rollback: fields.flag("rollback"),
    pinned: fields.flag("pinned"),
    kargs: fields.text("kargs", wireLimits.kargs),
  };
};

export const readOsState: Read<OsState> = (message, at, violations) => {
  const fields = new Fields<wire.OsState__Output>(message, at, violations);
  return {
    bootId: fields.formed("bootId", bootIdFormat),
    deployments: fields.list("deployments", wireLimits.deployments, readDeployment),
  };
};

export function generationToProto(generation: Generation): wire.Generation {
  return { epoch: integerText("epoch", generation.epoch), number: integerText("number", generation.number) };
}

export function targetToProto({ checksum, ref, version }: Target): wire.Target {
  return { checksum, ref, version };
}

export function deploymentToProto(deployment: Deployment): wire.Deployment {
  const { osname, checksum, serial, version, refspec, booted, pending, staged, rollback, pinned, kargs } = deployment;
  return { osname, checksum, serial: uint32("serial", serial), version, refspec, booted, pending, staged, rollback, pinned, kargs };
}

export function osStateToProto(os: OsState): wire.OsState {
  return { bootId: os.bootId, deployments: os.deployments.map(deploymentToProto) };
}

export function generationFromProto(message: wire.Generation__Output): Generation {
  return readWhole(message, "generation", readGeneration);
}

export function targetFromProto(message: wire.Target__Output): Target {
  return readWhole(message, "target", readTarget);
}

export function deploymentFromProto(message: wire.Deployment__Output): Deployment {
  return readWhole(message, "deployment", readDeployment);
}

export function osStateFromProto(message: wire.OsState__Output): OsState {
  return readWhole(message, "os", readOsState);
}
