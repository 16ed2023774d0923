// Original file: treeline/v1/access_service.proto

import type { Grant as _treeline_v1_Grant, Grant__Output as _treeline_v1_Grant__Output } from '../../treeline/v1/Grant.ts';
import type { Long } from '@grpc/proto-loader';

export interface WhoAmIResponse {
  'id'?: (string);
  'name'?: (string);
  'groups'?: (string)[];
  'grants'?: (_treeline_v1_Grant)[];
  'expiresAtMillis'?: (number | string | Long);
  '_expiresAtMillis'?: "expiresAtMillis";
}

export interface WhoAmIResponse__Output {
  'id': (string);
  'name': (string);
  'groups': (string)[];
  'grants': (_treeline_v1_Grant__Output)[];
  'expiresAtMillis'?: (string);
  '_expiresAtMillis'?: "expiresAtMillis";
}
