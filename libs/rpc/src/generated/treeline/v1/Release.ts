// Original file: treeline/v1/release.proto

import type { Long } from '@grpc/proto-loader';

export interface Release {
  'checksum'?: (string);
  'ref'?: (string);
  'version'?: (string);
  'publishedAtMillis'?: (number | string | Long);
  'signedBy'?: (string)[];
  'objects'?: (number);
  'bytes'?: (number | string | Long);
  'unmanaged'?: (string);
}

export interface Release__Output {
  'checksum': (string);
  'ref': (string);
  'version': (string);
  'publishedAtMillis': (string);
  'signedBy': (string)[];
  'objects': (number);
  'bytes': (string);
  'unmanaged': (string);
}
