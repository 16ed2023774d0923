// Original file: treeline/v1/rollout.proto

import type { Long } from '@grpc/proto-loader';

export interface PlannedWave {
  'name'?: (string);
  'nodeCount'?: (number);
  'selector'?: (string);
  'approval'?: (boolean);
  'bakeMillis'?: (number);
  'expectedMillis'?: (number | string | Long);
  'firstNodes'?: (string)[];
}

export interface PlannedWave__Output {
  'name': (string);
  'nodeCount': (number);
  'selector': (string);
  'approval': (boolean);
  'bakeMillis': (number);
  'expectedMillis': (string);
  'firstNodes': (string)[];
}
