// Original file: treeline/v1/common.proto

import type { Long } from '@grpc/proto-loader';

export interface Signed {
  'atMillis'?: (number | string | Long);
  'by'?: (string);
  'reason'?: (string);
}

export interface Signed__Output {
  'atMillis': (string);
  'by': (string);
  'reason': (string);
}
