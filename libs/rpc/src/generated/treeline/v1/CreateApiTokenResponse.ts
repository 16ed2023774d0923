// Original file: treeline/v1/access_service.proto

import type { ApiToken as _treeline_v1_ApiToken, ApiToken__Output as _treeline_v1_ApiToken__Output } from '../../treeline/v1/ApiToken.ts';

export interface CreateApiTokenResponse {
  'token'?: (_treeline_v1_ApiToken | null);
  'secret'?: (string);
}

export interface CreateApiTokenResponse__Output {
  'token': (_treeline_v1_ApiToken__Output | null);
  'secret': (string);
}
