// Original file: treeline/v1/access.proto


export interface Access {
  'verb'?: (string);
  'resource'?: (string);
  'fleetOnly'?: (boolean);
  'to'?: (string);
}

export interface Access__Output {
  'verb': (string);
  'resource': (string);
  'fleetOnly': (boolean);
  'to': (string);
}
