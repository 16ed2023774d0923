// Original file: treeline/v1/access_service.proto

import type { ApiToken as _treeline_v1_ApiToken, ApiToken__Output as _treeline_v1_ApiToken__Output } from '../../treeline/v1/ApiToken.ts';

export interface ListApiTokensResponse {
  'tokens'?: (_treeline_v1_ApiToken)[];
}

export interface ListApiTokensResponse__Output {
  'tokens': (_treeline_v1_ApiToken__Output)[];
}
