// Original file: treeline/v1/agent.proto


export interface KeyRotations {
  'documents'?: (string)[];
}

export interface KeyRotations__Output {
  'documents': (string)[];
}
