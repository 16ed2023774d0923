// Original file: treeline/v1/audit.proto

import type { AuditRecord as _treeline_v1_AuditRecord, AuditRecord__Output as _treeline_v1_AuditRecord__Output } from '../../treeline/v1/AuditRecord.ts';
import type { AuditCheckpoint as _treeline_v1_AuditCheckpoint, AuditCheckpoint__Output as _treeline_v1_AuditCheckpoint__Output } from '../../treeline/v1/AuditCheckpoint.ts';

export interface ExportAuditResponse {
  'records'?: (_treeline_v1_AuditRecord)[];
  'checkpoints'?: (_treeline_v1_AuditCheckpoint)[];
}

export interface ExportAuditResponse__Output {
  'records': (_treeline_v1_AuditRecord__Output)[];
  'checkpoints': (_treeline_v1_AuditCheckpoint__Output)[];
}
