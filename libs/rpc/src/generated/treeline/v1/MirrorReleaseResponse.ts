// Original file: treeline/v1/release.proto

import type { Release as _treeline_v1_Release, Release__Output as _treeline_v1_Release__Output } from '../../treeline/v1/Release.ts';

export interface MirrorReleaseResponse {
  'release'?: (_treeline_v1_Release | null);
}

export interface MirrorReleaseResponse__Output {
  'release': (_treeline_v1_Release__Output | null);
}
