// Original file: treeline/v1/release.proto

import type { Release as _treeline_v1_Release, Release__Output as _treeline_v1_Release__Output } from '../../treeline/v1/Release.ts';

export interface ListReleasesResponse {
  'releases'?: (_treeline_v1_Release)[];
}

export interface ListReleasesResponse__Output {
  'releases': (_treeline_v1_Release__Output)[];
}
