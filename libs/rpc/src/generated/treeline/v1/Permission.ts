// Original file: treeline/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Permission {
  'slot'?: (string);
  'epoch'?: (number | string | Long);
}

export interface Permission__Output {
  'slot': (string);
  'epoch': (string);
}
