// Original file: treeline/v1/audit.proto

import type { AuditEntry as _treeline_v1_AuditEntry, AuditEntry__Output as _treeline_v1_AuditEntry__Output } from '../../treeline/v1/AuditEntry.ts';

export interface ListAuditResponse {
  'entries'?: (_treeline_v1_AuditEntry)[];
  'nextPageToken'?: (string);
}

export interface ListAuditResponse__Output {
  'entries': (_treeline_v1_AuditEntry__Output)[];
  'nextPageToken': (string);
}
