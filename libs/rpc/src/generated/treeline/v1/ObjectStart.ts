// Original file: treeline/v1/release.proto

import type { Long } from '@grpc/proto-loader';

export interface ObjectStart {
  'name'?: (string);
  'size'?: (number | string | Long);
}

export interface ObjectStart__Output {
  'name': (string);
  'size': (string);
}
