// Original file: treeline/v1/rollout.proto

import type { Long } from '@grpc/proto-loader';

export interface PlannedStep {
  'wave'?: (number);
  'atMillis'?: (number | string | Long);
  'unavailable'?: (number);
  'available'?: (number);
}

export interface PlannedStep__Output {
  'wave': (number);
  'atMillis': (string);
  'unavailable': (number);
  'available': (number);
}
