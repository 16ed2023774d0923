// Original file: treeline/v1/access_service.proto

import type { Grant as _treeline_v1_Grant, Grant__Output as _treeline_v1_Grant__Output } from '../../treeline/v1/Grant.ts';
import type { Long } from '@grpc/proto-loader';

export interface ApiToken {
  'name'?: (string);
  'grants'?: (_treeline_v1_Grant)[];
  'createdAtMillis'?: (number | string | Long);
  'expiresAtMillis'?: (number | string | Long);
  'revokedAtMillis'?: (number | string | Long);
  'owners'?: (string)[];
  '_expiresAtMillis'?: "expiresAtMillis";
  '_revokedAtMillis'?: "revokedAtMillis";
}

export interface ApiToken__Output {
  'name': (string);
  'grants': (_treeline_v1_Grant__Output)[];
  'createdAtMillis': (string);
  'expiresAtMillis'?: (string);
  'revokedAtMillis'?: (string);
  'owners': (string)[];
  '_expiresAtMillis'?: "expiresAtMillis";
  '_revokedAtMillis'?: "revokedAtMillis";
}
