// Original file: treeline/v1/enrollment.proto

import type { Long } from '@grpc/proto-loader';

export interface Token {
  'id'?: (string);
  'name'?: (string);
  'createdAtMillis'?: (number | string | Long);
  'expiresAtMillis'?: (number | string | Long);
  'usesLeft'?: (number);
  'unlimited'?: (boolean);
  'revoked'?: (boolean);
  'labels'?: ({[key: string]: string});
  'nodesEnrolled'?: (number);
}

export interface Token__Output {
  'id': (string);
  'name': (string);
  'createdAtMillis': (string);
  'expiresAtMillis': (string);
  'usesLeft': (number);
  'unlimited': (boolean);
  'revoked': (boolean);
  'labels': ({[key: string]: string});
  'nodesEnrolled': (number);
}
