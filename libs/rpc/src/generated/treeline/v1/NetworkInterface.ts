// Original file: treeline/v1/agent.proto


export interface NetworkInterface {
  'name'?: (string);
  'mac'?: (string);
  'addresses'?: (string)[];
  'speedMbps'?: (number);
}

export interface NetworkInterface__Output {
  'name': (string);
  'mac': (string);
  'addresses': (string)[];
  'speedMbps': (number);
}
