// Original file: treeline/v1/access_service.proto


export interface RoleRule {
  'resources'?: (string)[];
  'verbs'?: (string)[];
}

export interface RoleRule__Output {
  'resources': (string)[];
  'verbs': (string)[];
}
