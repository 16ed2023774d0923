// Original file: treeline/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Acknowledgement {
  'sequence'?: (number | string | Long);
}

export interface Acknowledgement__Output {
  'sequence': (string);
}
