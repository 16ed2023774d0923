export { readBootId, uptimeMillis } from "./boot.ts";
export { readSpace } from "./file-system-space.ts";
export * from "./host-error.ts";
export {
  hasProgram,
  isSystemdRunning,
  lastingUnitDirectories,
  programPlaces,
  unitFile,
  unitState,
  type UnitState,
} from "./installed-tools.ts";
export * from "./inventory.ts";
export { mountPoints, parseMountPoints } from "./mount-points.ts";
