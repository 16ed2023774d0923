// Original file: treeline/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface ExtendedResources {
  'amounts'?: ({[key: string]: number | string | Long});
}

export interface ExtendedResources__Output {
  'amounts': ({[key: string]: string});
}
