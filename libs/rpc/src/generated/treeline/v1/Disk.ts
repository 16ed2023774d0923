// Original file: treeline/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Disk {
  'name'?: (string);
  'type'?: (string);
  'sizeBytes'?: (number | string | Long);
}

export interface Disk__Output {
  'name': (string);
  'type': (string);
  'sizeBytes': (string);
}
