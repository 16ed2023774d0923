// Original file: treeline/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Welcome {
  'epoch'?: (number | string | Long);
  'heartbeatMillis'?: (number);
  'leaseMillis'?: (number);
}

export interface Welcome__Output {
  'epoch': (string);
  'heartbeatMillis': (number);
  'leaseMillis': (number);
}
