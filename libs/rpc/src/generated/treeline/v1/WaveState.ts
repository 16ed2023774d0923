// Original file: treeline/v1/rollout.proto

export const WaveState = {
  WAVE_STATE_UNSPECIFIED: 'WAVE_STATE_UNSPECIFIED',
  WAVE_STATE_WAITING: 'WAVE_STATE_WAITING',
  WAVE_STATE_AWAITING_APPROVAL: 'WAVE_STATE_AWAITING_APPROVAL',
  WAVE_STATE_OPEN: 'WAVE_STATE_OPEN',
  WAVE_STATE_BAKING: 'WAVE_STATE_BAKING',
  WAVE_STATE_DONE: 'WAVE_STATE_DONE',
} as const;

export type WaveState =
  | 'WAVE_STATE_UNSPECIFIED'
  | 0
  | 'WAVE_STATE_WAITING'
  | 1
  | 'WAVE_STATE_AWAITING_APPROVAL'
  | 2
  | 'WAVE_STATE_OPEN'
  | 3
  | 'WAVE_STATE_BAKING'
  | 4
  | 'WAVE_STATE_DONE'
  | 5

export type WaveState__Output = typeof WaveState[keyof typeof WaveState]
