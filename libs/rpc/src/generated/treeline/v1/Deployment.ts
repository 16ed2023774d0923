// Original file: treeline/v1/common.proto


export interface Deployment {
  'osname'?: (string);
  'checksum'?: (string);
  'serial'?: (number);
  'version'?: (string);
  'refspec'?: (string);
  'booted'?: (boolean);
  'pending'?: (boolean);
  'staged'?: (boolean);
  'rollback'?: (boolean);
  'pinned'?: (boolean);
  'kargs'?: (string);
}

export interface Deployment__Output {
  'osname': (string);
  'checksum': (string);
  'serial': (number);
  'version': (string);
  'refspec': (string);
  'booted': (boolean);
  'pending': (boolean);
  'staged': (boolean);
  'rollback': (boolean);
  'pinned': (boolean);
  'kargs': (string);
}
