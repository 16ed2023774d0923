// Original file: treeline/v1/release.proto


export interface PublishKeyRotationRequest {
  'document'?: (string);
}

export interface PublishKeyRotationRequest__Output {
  'document': (string);
}
