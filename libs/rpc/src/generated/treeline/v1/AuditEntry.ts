// Original file: treeline/v1/rollout.proto

import type { Long } from '@grpc/proto-loader';

export interface AuditEntry {
  'sequence'?: (number | string | Long);
  'atMillis'?: (number | string | Long);
  'actor'?: (string);
  'action'?: (string);
  'subject'?: (string);
  'because'?: (string);
  'from'?: (string);
  'outcome'?: (string);
  'beforeJson'?: (string);
  'afterJson'?: (string);
  'tenant'?: (string);
  'pool'?: (string);
  '_from'?: "from";
  '_outcome'?: "outcome";
  '_beforeJson'?: "beforeJson";
  '_afterJson'?: "afterJson";
  '_tenant'?: "tenant";
  '_pool'?: "pool";
}

export interface AuditEntry__Output {
  'sequence': (string);
  'atMillis': (string);
  'actor': (string);
  'action': (string);
  'subject': (string);
  'because': (string);
  'from'?: (string);
  'outcome'?: (string);
  'beforeJson'?: (string);
  'afterJson'?: (string);
  'tenant'?: (string);
  'pool'?: (string);
  '_from'?: "from";
  '_outcome'?: "outcome";
  '_beforeJson'?: "beforeJson";
  '_afterJson'?: "afterJson";
  '_tenant'?: "tenant";
  '_pool'?: "pool";
}
