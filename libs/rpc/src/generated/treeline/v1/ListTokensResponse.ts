// Original file: treeline/v1/enrollment.proto

import type { Token as _treeline_v1_Token, Token__Output as _treeline_v1_Token__Output } from '../../treeline/v1/Token.ts';

export interface ListTokensResponse {
  'tokens'?: (_treeline_v1_Token)[];
}

export interface ListTokensResponse__Output {
  'tokens': (_treeline_v1_Token__Output)[];
}
