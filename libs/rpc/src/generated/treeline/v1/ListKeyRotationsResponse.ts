// Original file: treeline/v1/release.proto

import type { KeyRotation as _treeline_v1_KeyRotation, KeyRotation__Output as _treeline_v1_KeyRotation__Output } from '../../treeline/v1/KeyRotation.ts';

export interface ListKeyRotationsResponse {
  'rotations'?: (_treeline_v1_KeyRotation)[];
}

export interface ListKeyRotationsResponse__Output {
  'rotations': (_treeline_v1_KeyRotation__Output)[];
}
