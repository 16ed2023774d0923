// Original file: treeline/v1/stop.proto

import type { Stop as _treeline_v1_Stop, Stop__Output as _treeline_v1_Stop__Output } from '../../treeline/v1/Stop.ts';

export interface StopAllResponse {
  'stop'?: (_treeline_v1_Stop | null);
}

export interface StopAllResponse__Output {
  'stop': (_treeline_v1_Stop__Output | null);
}
