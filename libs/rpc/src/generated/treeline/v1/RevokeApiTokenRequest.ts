// Original file: treeline/v1/access_service.proto


export interface RevokeApiTokenRequest {
  'name'?: (string);
}

export interface RevokeApiTokenRequest__Output {
  'name': (string);
}
