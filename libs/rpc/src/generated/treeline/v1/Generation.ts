// Original file: treeline/v1/common.proto

import type { Long } from '@grpc/proto-loader';

export interface Generation {
  'epoch'?: (number | string | Long);
  'number'?: (number | string | Long);
}

export interface Generation__Output {
  'epoch': (string);
  'number': (string);
}
