// Original file: treeline/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Trust {
  'serial'?: (number | string | Long);
  'note'?: (string);
}

export interface Trust__Output {
  'serial': (string);
  'note': (string);
}
