// Original file: treeline/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

export interface ListAuditRequest {
  'subject'?: (string);
  'under'?: (string);
  'actor'?: (string);
  'action'?: (string);
  'outcome'?: (string);
  'sinceMillis'?: (number | string | Long);
  'untilMillis'?: (number | string | Long);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListAuditRequest__Output {
  'subject': (string);
  'under': (string);
  'actor': (string);
  'action': (string);
  'outcome': (string);
  'sinceMillis': (string);
  'untilMillis': (string);
  'pageSize': (number);
  'pageToken': (string);
}
