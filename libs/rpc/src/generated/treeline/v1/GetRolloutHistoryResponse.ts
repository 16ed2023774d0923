// Original file: treeline/v1/rollout.proto

import type { AuditEntry as _treeline_v1_AuditEntry, AuditEntry__Output as _treeline_v1_AuditEntry__Output } from '../../treeline/v1/AuditEntry.ts';

export interface GetRolloutHistoryResponse {
  'entries'?: (_treeline_v1_AuditEntry)[];
  'nextPageToken'?: (string);
}

export interface GetRolloutHistoryResponse__Output {
  'entries': (_treeline_v1_AuditEntry__Output)[];
  'nextPageToken': (string);
}
