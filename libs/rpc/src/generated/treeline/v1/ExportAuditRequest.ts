// Original file: treeline/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

export interface ExportAuditRequest {
  'afterSequence'?: (number | string | Long);
}

export interface ExportAuditRequest__Output {
  'afterSequence': (string);
}
