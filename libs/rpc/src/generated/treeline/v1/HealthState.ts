// Original file: treeline/v1/agent.proto

export const HealthState = {
  HEALTH_STATE_UNSPECIFIED: 'HEALTH_STATE_UNSPECIFIED',
  HEALTH_STATE_UNKNOWN: 'HEALTH_STATE_UNKNOWN',
  HEALTH_STATE_GREEN: 'HEALTH_STATE_GREEN',
  HEALTH_STATE_RED: 'HEALTH_STATE_RED',
} as const;

export type HealthState =
  | 'HEALTH_STATE_UNSPECIFIED'
  | 0
  | 'HEALTH_STATE_UNKNOWN'
  | 1
  | 'HEALTH_STATE_GREEN'
  | 2
  | 'HEALTH_STATE_RED'
  | 3

export type HealthState__Output = typeof HealthState[keyof typeof HealthState]
