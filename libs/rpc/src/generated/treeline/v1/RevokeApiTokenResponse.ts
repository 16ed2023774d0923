// Original file: treeline/v1/access_service.proto

import type { ApiToken as _treeline_v1_ApiToken, ApiToken__Output as _treeline_v1_ApiToken__Output } from '../../treeline/v1/ApiToken.ts';

export interface RevokeApiTokenResponse {
  'token'?: (_treeline_v1_ApiToken | null);
}

export interface RevokeApiTokenResponse__Output {
  'token': (_treeline_v1_ApiToken__Output | null);
}
