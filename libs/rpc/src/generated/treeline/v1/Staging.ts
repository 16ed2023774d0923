// Original file: treeline/v1/rollout.proto

import type { Long } from '@grpc/proto-loader';

export interface Staging {
  'nodes'?: (number);
  'bytesPerSecond'?: (number | string | Long);
  'jitterMillis'?: (number);
  '_nodes'?: "nodes";
  '_bytesPerSecond'?: "bytesPerSecond";
  '_jitterMillis'?: "jitterMillis";
}

export interface Staging__Output {
  'nodes'?: (number);
  'bytesPerSecond'?: (string);
  'jitterMillis'?: (number);
  '_nodes'?: "nodes";
  '_bytesPerSecond'?: "bytesPerSecond";
  '_jitterMillis'?: "jitterMillis";
}
