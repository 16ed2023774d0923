// Original file: treeline/v1/rollout.proto

import type { Long } from '@grpc/proto-loader';

export interface AuditEntry {
  'sequence'?: (number | string | Long);
  'atMillis'?: (number | string | Long);
  'actor'?: (string);
  'action'?: (string);
  'subject'?: (string);
  'because'?: (string);
}

export interface AuditEntry__Output {
  'sequence': (string);
  'atMillis': (string);
  'actor': (string);
  'action': (string);
  'subject': (string);
  'because': (string);
}
