// Original file: treeline/v1/audit.proto

import type { AuditEntry as _treeline_v1_AuditEntry, AuditEntry__Output as _treeline_v1_AuditEntry__Output } from '../../treeline/v1/AuditEntry.ts';
import type { Long } from '@grpc/proto-loader';

export interface AuditRecord {
  'sequence'?: (number | string | Long);
  'entry'?: (_treeline_v1_AuditEntry | null);
  'hash'?: (string);
  '_hash'?: "hash";
}

export interface AuditRecord__Output {
  'sequence': (string);
  'entry': (_treeline_v1_AuditEntry__Output | null);
  'hash'?: (string);
  '_hash'?: "hash";
}
