// Original file: treeline/v1/access_service.proto

import type { Grant as _treeline_v1_Grant, Grant__Output as _treeline_v1_Grant__Output } from '../../treeline/v1/Grant.ts';

export interface CreateApiTokenRequest {
  'name'?: (string);
  'grants'?: (_treeline_v1_Grant)[];
  'ttlSeconds'?: (number);
  'person'?: (string);
}

export interface CreateApiTokenRequest__Output {
  'name': (string);
  'grants': (_treeline_v1_Grant__Output)[];
  'ttlSeconds': (number);
  'person': (string);
}
