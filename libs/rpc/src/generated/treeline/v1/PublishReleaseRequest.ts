// Original file: treeline/v1/release.proto

import type { PublishHeader as _treeline_v1_PublishHeader, PublishHeader__Output as _treeline_v1_PublishHeader__Output } from '../../treeline/v1/PublishHeader.ts';
import type { ObjectStart as _treeline_v1_ObjectStart, ObjectStart__Output as _treeline_v1_ObjectStart__Output } from '../../treeline/v1/ObjectStart.ts';

export interface PublishReleaseRequest {
  'header'?: (_treeline_v1_PublishHeader | null);
  'object'?: (_treeline_v1_ObjectStart | null);
  'chunk'?: (Buffer | Uint8Array | string);
  'message'?: "header"|"object"|"chunk";
}

export interface PublishReleaseRequest__Output {
  'header'?: (_treeline_v1_PublishHeader__Output | null);
  'object'?: (_treeline_v1_ObjectStart__Output | null);
  'chunk'?: (Buffer);
  'message'?: "header"|"object"|"chunk";
}
