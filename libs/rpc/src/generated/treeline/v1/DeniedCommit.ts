// Original file: treeline/v1/agent.proto


export interface DeniedCommit {
  'checksum'?: (string);
  'reason'?: (string);
}

export interface DeniedCommit__Output {
  'checksum': (string);
  'reason': (string);
}
