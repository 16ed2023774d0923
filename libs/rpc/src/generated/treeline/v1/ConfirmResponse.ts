// Original file: treeline/v1/agent.proto


export interface ConfirmResponse {
  'granted'?: (boolean);
  'ttlMillis'?: (number);
  'reason'?: (string);
  'nonce'?: (string);
}

export interface ConfirmResponse__Output {
  'granted': (boolean);
  'ttlMillis': (number);
  'reason': (string);
  'nonce': (string);
}
