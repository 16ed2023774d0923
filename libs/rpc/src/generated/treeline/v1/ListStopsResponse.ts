// Original file: treeline/v1/stop.proto

import type { Stop as _treeline_v1_Stop, Stop__Output as _treeline_v1_Stop__Output } from '../../treeline/v1/Stop.ts';

export interface ListStopsResponse {
  'stops'?: (_treeline_v1_Stop)[];
}

export interface ListStopsResponse__Output {
  'stops': (_treeline_v1_Stop__Output)[];
}
