// Original file: treeline/v1/release.proto

import type { Long } from '@grpc/proto-loader';

export interface KeyRotation {
  'serial'?: (number | string | Long);
  'issuedAtMillis'?: (number | string | Long);
  'signedBy'?: (string)[];
  'publishedAtMillis'?: (number | string | Long);
  'publishedBy'?: (string);
  'document'?: (string);
}

export interface KeyRotation__Output {
  'serial': (string);
  'issuedAtMillis': (string);
  'signedBy': (string)[];
  'publishedAtMillis': (string);
  'publishedBy': (string);
  'document': (string);
}
