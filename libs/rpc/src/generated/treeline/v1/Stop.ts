// Original file: treeline/v1/stop.proto

import type { Long } from '@grpc/proto-loader';

export interface Stop {
  'selector'?: (string);
  'reason'?: (string);
  'by'?: (string);
  'atMillis'?: (number | string | Long);
  'sparesRollbacks'?: (boolean);
  'nodeCount'?: (number);
}

export interface Stop__Output {
  'selector': (string);
  'reason': (string);
  'by': (string);
  'atMillis': (string);
  'sparesRollbacks': (boolean);
  'nodeCount': (number);
}
