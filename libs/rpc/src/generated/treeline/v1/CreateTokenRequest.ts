// Original file: treeline/v1/enrollment.proto


export interface CreateTokenRequest {
  'name'?: (string);
  'ttlSeconds'?: (number);
  'uses'?: (number);
  'labels'?: ({[key: string]: string});
  'releaseKeys'?: (string)[];
}

export interface CreateTokenRequest__Output {
  'name': (string);
  'ttlSeconds': (number);
  'uses': (number);
  'labels': ({[key: string]: string});
  'releaseKeys': (string)[];
}
