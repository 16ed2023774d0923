// Original file: treeline/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

export interface AuditCheckpoint {
  'sequence'?: (number | string | Long);
  'hash'?: (string);
  'atMillis'?: (number | string | Long);
  'keyId'?: (string);
  'signature'?: (string);
}

export interface AuditCheckpoint__Output {
  'sequence': (string);
  'hash': (string);
  'atMillis': (string);
  'keyId': (string);
  'signature': (string);
}
