// Original file: treeline/v1/rollout.proto


export interface Timeouts {
  'eligibleMillis'?: (number);
  'stagingMillis'?: (number);
  'drainingMillis'?: (number);
  'rebootingMillis'?: (number);
  'verifyingMillis'?: (number);
  '_eligibleMillis'?: "eligibleMillis";
  '_stagingMillis'?: "stagingMillis";
  '_drainingMillis'?: "drainingMillis";
  '_rebootingMillis'?: "rebootingMillis";
  '_verifyingMillis'?: "verifyingMillis";
}

export interface Timeouts__Output {
  'eligibleMillis'?: (number);
  'stagingMillis'?: (number);
  'drainingMillis'?: (number);
  'rebootingMillis'?: (number);
  'verifyingMillis'?: (number);
  '_eligibleMillis'?: "eligibleMillis";
  '_stagingMillis'?: "stagingMillis";
  '_drainingMillis'?: "drainingMillis";
  '_rebootingMillis'?: "rebootingMillis";
  '_verifyingMillis'?: "verifyingMillis";
}
