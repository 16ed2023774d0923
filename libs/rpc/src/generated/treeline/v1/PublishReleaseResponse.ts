// Original file: treeline/v1/release.proto

import type { Release as _treeline_v1_Release, Release__Output as _treeline_v1_Release__Output } from '../../treeline/v1/Release.ts';
import type { Long } from '@grpc/proto-loader';

export interface PublishReleaseResponse {
  'release'?: (_treeline_v1_Release | null);
  'objectsReceived'?: (number);
  'bytesReceived'?: (number | string | Long);
}

export interface PublishReleaseResponse__Output {
  'release': (_treeline_v1_Release__Output | null);
  'objectsReceived': (number);
  'bytesReceived': (string);
}
