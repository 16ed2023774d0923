// Original file: treeline/v1/enrollment.proto

import type { Long } from '@grpc/proto-loader';

export interface CreateTokenResponse {
  'tokenId'?: (string);
  'token'?: (string);
  'expiresAtMillis'?: (number | string | Long);
}

export interface CreateTokenResponse__Output {
  'tokenId': (string);
  'token': (string);
  'expiresAtMillis': (string);
}
