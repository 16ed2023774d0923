// Original file: treeline/v1/access_service.proto

import type { Binding as _treeline_v1_Binding, Binding__Output as _treeline_v1_Binding__Output } from '../../treeline/v1/Binding.ts';

export interface PutBindingResponse {
  'binding'?: (_treeline_v1_Binding | null);
}

export interface PutBindingResponse__Output {
  'binding': (_treeline_v1_Binding__Output | null);
}
