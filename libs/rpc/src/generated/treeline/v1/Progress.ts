// Original file: treeline/v1/agent.proto

import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from '../../treeline/v1/AttemptRef.ts';
import type { Long } from '@grpc/proto-loader';

export interface Progress {
  'attempt'?: (_treeline_v1_AttemptRef | null);
  'bytesDone'?: (number | string | Long);
  'objectsDone'?: (number | string | Long);
  'bytesTotal'?: (number | string | Long);
}

export interface Progress__Output {
  'attempt': (_treeline_v1_AttemptRef__Output | null);
  'bytesDone': (string);
  'objectsDone': (string);
  'bytesTotal': (string);
}
